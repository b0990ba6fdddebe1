/** The allowed values, as in Tencent's thing models, which write all numbers as text. */
export type Define =
	| { readonly type: 'bool' | 'enum'; readonly mapping: Readonly<Record<string, string>> }
	| {
			readonly type: 'int' | 'float';
			readonly unit: string;
			readonly min: string;
			readonly max: string;
			readonly start: string;
			readonly step: string;
	  }
	| { readonly type: 'string'; readonly min: string; readonly max: string };

/** A named value: a parameter of an event or an action, or the base of a property. */
export interface Param {
	readonly id: string;
	readonly name: string;
	readonly define: Define;
}

/** What properties, events and actions have in common. */
interface Feature {
	readonly id: string;
	readonly name: string;
	readonly desc: string;
	readonly required: boolean;
}

export interface Property extends Feature, Param {
	/** `rw`: a client may set it; `r`: only the device. */
	readonly mode: 'r' | 'rw';
}

export interface Event extends Feature {
	readonly type: 'alert' | 'fault' | 'info';
	readonly params: readonly Param[];
}

export interface Action extends Feature {
	readonly input: readonly Param[];
	readonly output: readonly Param[];
}

/**
 * The model of a product's devices, in the form of ModelDefine (数据模板, product 1081, page 34739: Tencent's IoT
 * Explorer, where the products are created).
 */
export interface ThingModel {
	readonly version: '1.0';
	readonly profile: { readonly ProductId: string; readonly CategoryId: string };
	readonly properties: readonly Property[];
	readonly events: readonly Event[];
	readonly actions: readonly Action[];
}

interface Scale {
	readonly unit: string;
	readonly min: number;
	readonly max: number;
	/** The usual value. */
	readonly start: number;
}

export function param(id: string, name: string, define: Define): Param {
	return { id, name, define };
}

export function readable(base: Param): Property {
	return { ...base, desc: '', required: false, mode: 'r' };
}

export function writable(base: Param): Property {
	return { ...base, desc: '', required: false, mode: 'rw' };
}

/** @param labels of 0 and of 1, in this order */
export function bool(...labels: readonly [string, string]): Define {
	return { type: 'bool', mapping: mappingOf(labels) };
}

export function choice(...labels: readonly string[]): Define {
	return { type: 'enum', mapping: mappingOf(labels) };
}

export function whole(scale: Scale): Define {
	return { type: 'int', ...scaleTexts(scale), step: '1' };
}

export function decimal(scale: Scale): Define {
	return { type: 'float', ...scaleTexts(scale), step: '0.1' };
}

export const words: Define = { type: 'string', min: '0', max: '64' };

export function event(type: Event['type'], id: string, name: string, ...params: readonly Param[]): Event {
	return { id, name, desc: '', required: false, type, params };
}

export function action(
	id: string,
	name: string,
	input: readonly Param[],
	output: readonly Param[] = [param('result', '结果', bool('失败', '成功'))],
): Action {
	return { id, name, desc: '', required: false, input, output };
}

function mappingOf(labels: readonly string[]): Readonly<Record<string, string>> {
	return Object.fromEntries(labels.entries());
}

function scaleTexts({ unit, min, max, start }: Scale) {
	return { unit, min: String(min), max: String(max), start: String(start) };
}
