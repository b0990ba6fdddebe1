import type { ILoadOptionsFunctions, INodeListSearchResult, ResourceMapperFields } from 'n8n-workflow';

/** Values that a user can pick: the node's method that a property names, and how it finds them. */
export interface PickList {
	method: string;
	search(
		this: ILoadOptionsFunctions,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult>;
}

/** The fields of a resource mapper: the node's method that a property names, and how it lists them. */
export interface FieldList {
	method: string;
	list(this: ILoadOptionsFunctions): Promise<ResourceMapperFields>;
}

/** What the editor calls of the node to fill a field. */
export type EditorList = PickList | FieldList;
