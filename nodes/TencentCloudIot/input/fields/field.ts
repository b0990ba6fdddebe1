import type { INodeProperties, INodeType } from 'n8n-workflow';

import { readPath } from '../fieldSource';
import { whyNotEvaluated, type Finding, type Why } from '../../messages/findings';
import type { Text } from '../../messages/text';
import type { ItemReader } from '../itemReader';
import { isBlankCell } from '../text';

/** What n8n shows of a field. Its name is its key among the operation's fields. */
export type Property = Omit<INodeProperties, 'name'>;

/** A field of the node: what n8n shows of it, and how its value is read. */
export interface Field<Value> {
	/** Usually one property. A field has several if the editor shows a different one for each choice of another field. */
	properties: readonly [Property, ...Property[]];
	/** The value of an option that the user does not add. Default: the value that the editor shows when the user adds the option. */
	ifNotAdded?: Value;
	/** The lists that the editor calls to fill the field. */
	lists?: readonly EditorList[];
	/** Reads the value in the type that the service expects. A value that cannot be used becomes a finding. */
	read(value: FieldValue): Value;
}

/** Fields by their names, in the order in which they are shown. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

type ValueOf<Kind> = Kind extends Field<infer Value> ? Value : never;

/** The values of declared fields, by the names of the fields, each in the type that its field reads. */
export type Options<Declared extends Fields> = {
	readonly [Name in keyof Declared]: ValueOf<Declared[Name]>;
};

/** What the user set for one item. A field is read when somebody accesses it. */
export type ItemFields<Declared extends Fields> = Options<Declared> & {
	/** Whether a model calls the node. */
	readonly isTool: boolean;
	/** Records why a field cannot be used. @param advice what to do, if correcting the field would not help */
	refuse(name: keyof Declared & string, why: Why, advice?: Text): void;
	/**
	 * Checks a field by a rule that depends on other fields or options. If the rule gives a reason, that becomes the finding about the field.
	 * @returns the value of the field; undefined if the rule refuses it
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
interface ValueSource {
	/** The value as the node stores it, e.g. `={{ $json.id }}`. */
	stored: unknown;
	/** Whether the value is a member of the result of an expression. */
	isWithinExpression?: boolean;
	/** @throws what its expression throws */
	evaluate: () => unknown;
}

/** The value of one field for one item, before the field reads it. */
export class FieldValue {
	readonly item: ItemContext;
	readonly #label: string;
	readonly #source: ValueSource;
	readonly #evaluate: () => unknown;
	#isRefused = false;

	/** @param label the name of the field in the panel */
	constructor(label: string, item: ItemContext, source: ValueSource) {
		this.item = item;
		this.#label = label;
		this.#source = source;
		this.#evaluate = once(source.evaluate);
	}

	/** Evaluates the value. If that fails, the value is undefined and the failure becomes a finding. */
	get raw(): unknown {
		try {
			return this.#evaluate();
		} catch (cause) {
			this.refuse(whyNotEvaluated(cause));
			return undefined;
		}
	}

	get isBlank(): boolean {
		return isBlankCell(this.raw);
	}

	/** Whether the value comes from an expression, even one that returned nothing. False for a member that the expression did not return. */
	get isEvaluated(): boolean {
		return this.#isExpression || (this.#source.isWithinExpression === true && this.raw !== undefined);
	}

	get isRefused(): boolean {
		return this.#isRefused;
	}

	/** Keeps only the first finding about a value, since it causes the later ones. */
	refuse(why: Why, advice?: Text): void {
		const { findings, itemIndex } = this.item;
		if (!this.#isRefused) {
			findings.push({ itemIndex, field: this.#label, ...why, advice });
		}
		this.#isRefused = true;
	}

	/** A member of a value that is an object or a list. */
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

	/** Reads a group of options. An option that the user did not add is its `ifNotAdded`; without that, its default, or off if it is a switch. */
	options<Declared extends Fields>(fields: Declared): Options<Declared> {
		const chosen: Readonly<Record<string, unknown>> = Object.assign({}, this.raw);
		const readOption = ([name, field]: [string, Field<unknown>]) => {
			const { displayName, type, default: defaultValue } = field.properties[0];
			const usualIfNotAdded = type === 'boolean' ? false : defaultValue;
			const valueIfNotAdded = field.ifNotAdded ?? usualIfNotAdded;
			// An expression that returns nothing for a number is refused: read as 0 it would mean "no limit".
			const isChosenNumber = type === 'number' && name in chosen;
			const stored = isChosenNumber ? chosen[name] : (chosen[name] ?? valueIfNotAdded);
			const evaluate = () => stored;
			return [name, field.read(new FieldValue(displayName, this.item, { stored, evaluate }))] as const;
		};
		return Object.fromEntries(Object.entries(fields).map(readOption)) as Options<Declared>;
	}

	/** Reads an object. The field with the name of a member reads that member. */
	members<Declared extends Fields>(fields: Declared): ItemFields<Declared> {
		return itemOf(fields, this.item, (name, label) => this.member(name, label));
	}
}

/** Reads the fields of an operation for one item. Findings about them go to `findings`. */
export function readFields<Declared extends Fields>(
	fields: Declared,
	reader: ItemReader,
	itemContext: Pick<ItemContext, 'itemIndex' | 'findings'>,
): ItemFields<Declared> {
	const { timezone, isTool } = reader;
	const context = { ...itemContext, timezone, isTool };
	return itemOf(fields, context, (name, label) => {
		const { noDataExpression, type } = fields[name]!.properties[0];
		const stored = reader.stored(name);
		// A resource mapper cannot be an expression as a whole, but each of its members can be one.
		const isFixed = noDataExpression === true && type !== 'resourceMapper';
		const evaluate = () => (isFixed ? stored : reader.read(name, itemContext.itemIndex));
		return new FieldValue(label, context, { stored, evaluate });
	});
}

/** An object with a member for each declared field. The field is read when somebody accesses its member. */
function itemOf<Declared extends Fields>(
	fields: Declared,
	{ isTool }: ItemContext,
	fieldValueOf: (name: string, label: string) => FieldValue,
): ItemFields<Declared> {
	const fieldValues = new Map<string, FieldValue>();
	const item = {
		isTool,
		refuse: (name: string, why: Why, advice?: Text) => fieldValues.get(name)?.refuse(why, advice),
		check: (name: keyof Declared & string, rule: (value: unknown) => Why | undefined) => {
			const value = item[name];
			const why = fieldValues.get(name)?.isRefused === true ? undefined : rule(value);
			if (why !== undefined) {
				fieldValues.get(name)?.refuse(why);
			}
			return why === undefined ? value : undefined;
		},
	} as ItemFields<Declared>;
	for (const [name, field] of Object.entries(fields)) {
		const fieldValue = fieldValueOf(name, field.properties[0].displayName);
		fieldValues.set(name, fieldValue);
		Object.defineProperty(item, name, { get: once(() => field.read(fieldValue)) });
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

/** Values that a user can pick: the name of the node's method, as a property refers to it, and the search itself. */
export interface PickList {
	method: string;
	search: Methods['listSearch'][string];
}

/** The fields of a resource mapper: the name of the node's method, as a property refers to it, and the listing itself. */
export interface FieldList {
	method: string;
	list: Methods['resourceMapping'][string];
}

/** A method of the node that the editor calls to fill a field. */
export type EditorList = PickList | FieldList;
