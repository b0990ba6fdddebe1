import type { INodeProperties } from 'n8n-workflow';

import type { EditorList } from './editorLists';
import type { FieldValue } from './fieldValue';

/** What n8n shows of a field. Its name is its key among the operation's fields. */
export type Property = Omit<INodeProperties, 'name'>;

/** A field of the node: what n8n shows of it, and how its value is read. */
export interface Field<Value> {
	/** More than one where the editor shows one of them at a time. */
	properties: readonly [Property, ...Property[]];
	/** What the editor calls to fill it. */
	lists?: readonly EditorList[];
	/** The value in the type that the service wants. One that cannot be used becomes a finding. */
	read(value: FieldValue): Value;
}

/** Fields by their names, in the order in which they are shown. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

export type ValueOf<One> = One extends Field<infer Value> ? Value : never;

/** What the user set for one item: each field is read when it is asked for, in the type that its declaration gives it. */
export type Item<Declared extends Fields> = { readonly [Name in keyof Declared]: ValueOf<Declared[Name]> } & {
	/** Whether a model calls the node. */
	readonly isTool: boolean;
	/** Puts down why a field cannot be used, in words that follow its label. */
	refuse(name: keyof Declared & string, why: string): void;
	/**
	 * A value held against a rule that looks at other fields or options.
	 * @returns undefined where it is refused
	 */
	check<Name extends keyof Declared & string>(
		name: Name,
		rule: (value: ValueOf<Declared[Name]>) => string | undefined,
	): ValueOf<Declared[Name]> | undefined;
};
