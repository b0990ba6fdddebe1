/** Where a field's value comes from. `expression` is evaluated by the engine for each row, without its leading `=`. */
export type FieldSource =
	| { kind: 'constant'; value: unknown }
	| { kind: 'path'; path: readonly string[] }
	| { kind: 'expression'; expression: string };

const PLAIN_REFERENCE =
	/^=\s*\{\{\s*\$json((?:\.[A-Za-z_$][\w$]*|\[(?:\d+|"[^"\\]*"|'[^'\\]*')\])+)\s*\}\}\s*$/;
const STEP = /\.([A-Za-z_$][\w$]*)|\[(?:(\d+)|"([^"\\]*)"|'([^'\\]*)')\]/g;

/**
 * Says how a parameter's raw value is to be read. A plain reference such as `={{ $json.a }}` or `={{ $json["a b"] }}`,
 * which is what dragging a column produces, is read from the row directly: evaluating it costs about 0.4 ms a row.
 */
export function fieldSource(raw: unknown): FieldSource {
	if (typeof raw !== 'string' || !raw.startsWith('=')) return { kind: 'constant', value: raw };
	const steps = PLAIN_REFERENCE.exec(raw)?.[1];
	if (steps === undefined) return { kind: 'expression', expression: raw.slice(1) };
	const path = Array.from(
		steps.matchAll(STEP),
		([, name, index, double, single]) => name ?? index ?? double ?? single ?? '',
	);
	return { kind: 'path', path };
}

/** The value at a path of a row, or undefined where there is none. Only own members count. */
export function readPath(row: unknown, path: readonly string[]): unknown {
	let value = row;
	for (const step of path) {
		if (!hasMember(value, step)) return undefined;
		value = value[step];
	}
	return value;
}

function hasMember(value: unknown, name: string): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}
