import type { ILoadOptionsFunctions, INodeListSearchResult, ResourceMapperFields } from 'n8n-workflow';

type ListSearch = (
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
) => Promise<INodeListSearchResult>;

type ResourceMapping = (this: ILoadOptionsFunctions) => Promise<ResourceMapperFields>;

/** What the editor calls of the node to fill a field, by the names that its property has. */
export interface EditorMethods {
	listSearch?: Readonly<Record<string, ListSearch>>;
	resourceMapping?: Readonly<Record<string, ResourceMapping>>;
}

/** Values that a user can pick: the method's name, and how it finds them. */
export interface PickList {
	method: string;
	search: ListSearch;
}

/** Fields of a resource mapper: the method's name, and how it lists them. */
export interface FieldList {
	method: string;
	list: ResourceMapping;
}

export function mergeMethods(all: ReadonlyArray<EditorMethods | undefined>): Required<EditorMethods> {
	return {
		listSearch: Object.fromEntries(all.flatMap((one) => Object.entries(one?.listSearch ?? {}))),
		resourceMapping: Object.fromEntries(all.flatMap((one) => Object.entries(one?.resourceMapping ?? {}))),
	};
}
