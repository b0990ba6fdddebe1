import type { INodeProperties, INodeType } from 'n8n-workflow';

import { readPath } from '../fieldSource';
import { whyNotEvaluated, type Finding, type Why } from '../../messages/findings';
import type { Text } from '../../messages/text';
import type { ItemReader } from '../itemReader';

/** What n8n shows of a field. Its name is its key among the operation's fields. */
export type Property = Omit<INodeProperties, 'name'>;

/** A field of the node: what n8n shows of it, and how its value is read. */
export interface Field<Value> {
	/** More than one where the editor shows one of them at a time. */
	properties: readonly [Property, ...Property[]];
	/** Of an option that is left out. Default: what the editor fills in where it is added. */
	ifLeftOut?: Value;
	/** What the editor calls to fill it. */
	lists?: readonly EditorList[];
	/** The value in the type that the service wants. One that cannot be used becomes a finding. */
	read(value: FieldValue): Value;
}

/** Fields by their names, in the order in which they are shown. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

type ValueOf<One> = One extends Field<infer Value> ? Value : never;

/** What the user chose, by name, in the types that the declaration gives it. */
export type Options<Declared extends Fields> = {
	readonly [Name in keyof Declared]: ValueOf<Declared[Name]>;
};

/** What the user set for one item: each field is read when it is asked for. */
export type Item<Declared extends Fields> = Options<Declared> & {
	/** Whether a model calls the node. */
	readonly isTool: boolean;
	/** Puts down why a field cannot be used, and what to do where correcting it is not it. */
	refuse(name: keyof Declared & string, why: Why, advice?: Text): void;
	/**
	 * A value held against a rule that looks at other fields or options.
	 * @returns undefined where it is refused
	 */
	check<Name extends keyof Declared & string>(
		name: Name,
		rule: (value: ValueOf<Declared[Name]>) => Why | undefined,
	): ValueOf<Declared[Name]> | undefined;
};

/** What all values of one item have in common. */
interface ItemContext extends Pick<ItemReader, 'timezone' | 'isTool'> {
	itemIndex: number;
	findings: Finding[];
}

/** Where a value comes from. */
interface Source {
	/** As the node stores it, e.g. `={{ $json.id }}`. */
	stored: unknown;
	/** Whether it is a part of what an expression gives. */
	isWithinExpression?: boolean;
	/** @throws what its expression throws */
	evaluate: () => unknown;
}

/** The value of one field for one item, as it is before it is read. */
export class FieldValue {
	readonly item: ItemContext;
	readonly #label: string;
	readonly #source: Source;
	readonly #evaluate: () => unknown;
	#isRefused = false;

	/** @param label by which the user knows the field */
	constructor(label: string, item: ItemContext, source: Source) {
		this.item = item;
		this.#label = label;
		this.#source = source;
		this.#evaluate = once(source.evaluate);
	}

	/** Undefined, with a finding, where it cannot be evaluated. */
	get raw(): unknown {
		try {
			return this.#evaluate();
		} catch (cause) {
			this.refuse(whyNotEvaluated(cause));
			return undefined;
		}
	}

	get isBlank(): boolean {
		const { raw } = this;
		return raw === undefined || raw === null || (typeof raw === 'string' && raw.trim() === '');
	}

	/** Whether an expression gives the value, or gave it as nothing; a part that it did not give is none. */
	get isEvaluated(): boolean {
		return this.#isExpression || (this.#source.isWithinExpression === true && this.raw !== undefined);
	}

	get isRefused(): boolean {
		return this.#isRefused;
	}

	/** The first thing found about a value is the cause of what is found after it. */
	refuse(why: Why, advice?: Text): void {
		const { findings, itemIndex } = this.item;
		if (!this.#isRefused) {
			findings.push({ itemIndex, field: this.#label, ...why, advice });
		}
		this.#isRefused = true;
	}

	/** A member of a value that holds others. */
	member(name: string, label: string): FieldValue {
		const { stored, isWithinExpression = false } = this.#source;
		return new FieldValue(label, this.item, {
			stored: readPath(stored, [name]),
			isWithinExpression: isWithinExpression || this.#isExpression,
			evaluate: () => readPath(this.#evaluate(), [name]),
		});
	}

	get #isExpression(): boolean {
		const { stored } = this.#source;
		return typeof stored === 'string' && stored.startsWith('=');
	}

	/** Members that may be left out: then they have their defaults, and what is on or off is off. */
	options<Declared extends Fields>(fields: Declared): Options<Declared> {
		const chosen: Readonly<Record<string, unknown>> = Object.assign({}, this.raw);
		const read = ([name, field]: [string, Field<unknown>]) => {
			const { displayName, type, default: standard } = field.properties[0];
			const ifLeftOut = field.ifLeftOut ?? (type === 'boolean' ? false : standard);
			// Where an expression gives nothing: read as the number 0 it would be no limit at all.
			const isWrong = type === 'number' && name in chosen;
			const stored = isWrong ? chosen[name] : (chosen[name] ?? ifLeftOut);
			const evaluate = () => stored;
			return [name, field.read(new FieldValue(displayName, this.item, { stored, evaluate }))] as const;
		};
		return Object.fromEntries(Object.entries(fields).map(read)) as Options<Declared>;
	}

	/** The members of a value that holds the values of fields. */
	members<Declared extends Fields>(fields: Declared): Item<Declared> {
		return itemOf(fields, this.item, (name, label) => this.member(name, label));
	}
}

/** The fields of an operation for one item. What is wrong with them is put down in `findings`. */
export function readFields<Declared extends Fields>(
	fields: Declared,
	reader: ItemReader,
	place: Pick<ItemContext, 'itemIndex' | 'findings'>,
): Item<Declared> {
	const { timezone, isTool } = reader;
	const context = { ...place, timezone, isTool };
	return itemOf(fields, context, (name, label) => {
		const { noDataExpression, type } = fields[name]!.properties[0];
		const stored = reader.stored(name);
		// A resource mapper is no expression itself, but has them inside.
		const isFixed = noDataExpression === true && type !== 'resourceMapper';
		const evaluate = () => (isFixed ? stored : reader.read(name, place.itemIndex));
		return new FieldValue(label, context, { stored, evaluate });
	});
}

/** An item whose fields are read as they are declared, each when it is asked for. */
function itemOf<Declared extends Fields>(
	fields: Declared,
	{ isTool }: ItemContext,
	valueOf: (name: string, label: string) => FieldValue,
): Item<Declared> {
	const values = new Map<string, FieldValue>();
	const item = {
		isTool,
		refuse: (name: string, why: Why, advice?: Text) => values.get(name)?.refuse(why, advice),
		check: (name: keyof Declared & string, rule: (value: unknown) => Why | undefined) => {
			const value = item[name];
			const why = values.get(name)?.isRefused === true ? undefined : rule(value);
			if (why !== undefined) {
				values.get(name)?.refuse(why);
			}
			return why === undefined ? value : undefined;
		},
	} as Item<Declared>;
	for (const [name, field] of Object.entries(fields)) {
		const value = valueOf(name, field.properties[0].displayName);
		values.set(name, value);
		Object.defineProperty(item, name, { get: once(() => field.read(value)) });
	}
	return item;
}

function once<Value>(evaluate: () => Value): () => Value {
	let evaluated: { value: Value } | undefined;
	return () => {
		evaluated ??= { value: evaluate() };
		return evaluated.value;
	};
}

type Methods = Required<NonNullable<INodeType['methods']>>;

/** Values that a user can pick: the node's method that a property names, and how it finds them. */
export interface PickList {
	method: string;
	search: Methods['listSearch'][string];
}

/** The fields of a resource mapper: the node's method that a property names, and how it lists them. */
export interface FieldList {
	method: string;
	list: Methods['resourceMapping'][string];
}

/** What the editor calls of the node to fill a field. */
export type EditorList = PickList | FieldList;
