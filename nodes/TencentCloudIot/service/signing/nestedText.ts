/** Whether a JSON value is an array or an object. */
export function isNested(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

/** Compact JSON with the keys of every object sorted by their bytes. Undefined members are left out, as JSON does. */
export function jsonOf(value: unknown): string {
	// The long list of a push is in order; JSON.stringify is eight times as fast then.
	if (!isNested(value) || isInOrder(value)) return JSON.stringify(value ?? null);
	if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
	return `{${membersOf(value)
		.map(({ name, member }) => `${JSON.stringify(name)}:${jsonOf(member)}`)
		.join(',')}}`;
}

/** Whether JSON.stringify would write all keys in their order; false also in cases that are costly to check. */
function isInOrder(nested: object): boolean {
	const names = Array.isArray(nested) ? [] : Object.keys(nested);
	return (
		names.every((name, index) => !SURROGATE.test(name) && (index === 0 || name > names[index - 1]!)) &&
		Object.values(nested).every((member: unknown) => !isNested(member) || isInOrder(member))
	);
}

/** The value as `%v` of Go's fmt prints it after `json.Unmarshal`, e.g. `[map[DeviceId:P/D]]`: keys sorted, numbers as float64. */
export function goFmt(value: unknown): string {
	if (value === null || value === undefined) return '<nil>';
	if (typeof value === 'number') return goFloat(value);
	if (!isNested(value)) return String(value);
	if (Array.isArray(value)) return `[${value.map(goFmt).join(' ')}]`;
	return `map[${membersOf(value)
		.map(({ name, member }) => `${name}:${goFmt(member)}`)
		.join(' ')}]`;
}

/** The value as a JavaScript template string prints it, also when it has a member called `toString`. */
export function jsString(nested: object): string {
	if (!Array.isArray(nested)) return '[object Object]';
	return nested.map((value: unknown) => (isNested(value) ? jsString(value) : value)).join(',');
}

/** Members in Go's order of map keys. JavaScript would put integer-like keys first. */
function membersOf(nested: object): Array<{ name: string; member: unknown }> {
	const members = Object.entries(nested).map(([name, member]) => ({ name, member: member as unknown }));
	return sortByName(members.filter(({ member }) => member !== undefined));
}

/** `%v` of a float64 is `%g` with the fewest digits: below 1e-4 and from 1e6 on with an exponent of at least two digits. */
function goFloat(value: number): string {
	const [digits = '', exponent = ''] = value.toExponential().split('e');
	if (Number(exponent) >= -4 && Number(exponent) < 6) return String(value);
	return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}

/** Characters beyond U+FFFF, for which JavaScript's order differs from the order of bytes. */
const SURROGATE = /[\uD800-\uDFFF]/;

/** Sorts in place by the bytes of the names in UTF-8. */
export function sortByName<Named extends { name: string }>(entries: Named[]): Named[] {
	const isBeyond = entries.some(({ name }) => SURROGATE.test(name));
	return entries.sort(
		isBeyond
			? (a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
			: (a, b) => (a.name < b.name ? -1 : 1),
	);
}
