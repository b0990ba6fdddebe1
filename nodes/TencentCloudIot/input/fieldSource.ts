/**
 * Where a field's value comes from. n8n's engine evaluates an `expression` for each row. It is kept without its leading `=`.
 * A `template` is a list of parts: plain texts, and the sources between `{{ }}`.
 */
export type FieldSource =
	| { kind: 'constant'; value: unknown }
	| { kind: 'path'; path: readonly string[] }
	| { kind: 'expression'; expression: string }
	| { kind: 'template'; parts: readonly FieldSource[] };

const PLAIN_REFERENCE =
	/^=\s*\{\{\s*\$json((?:\.[A-Za-z_$][\w$]*|\[(?:0|[1-9]\d{0,8}|"[^"\\]*"|'[^'\\]*')\])+)\s*\}\}\s*$/;
const COLUMN_REFERENCE = /\$json(?:\.([A-Za-z_$\p{L}][\w$\p{L}]*)|\[(?:"([^"\\]*)"|'([^'\\]*)')\])/gu;
const PATH_STEP = /\.([A-Za-z_$][\w$]*)|\[(?:(\d+)|"([^"\\]*)"|'([^'\\]*)')\]/g;

/**
 * How a parameter's raw value is read. A plain reference such as `={{ $json.a }}` or `={{ $json["a b"] }}`,
 * which is what dragging a column produces, is read from the row directly: evaluating it costs about 0.2 ms a row.
 */
export function fieldSource(raw: unknown): FieldSource {
	if (typeof raw !== 'string' || !raw.startsWith('=')) {
		return { kind: 'constant', value: raw };
	}
	const steps = PLAIN_REFERENCE.exec(raw)?.[1];
	if (steps === undefined) {
		return templateOf(raw.slice(1));
	}
	const path = Array.from(
		steps.matchAll(PATH_STEP),
		([, name, index, double, single]) => name ?? index ?? double ?? single ?? '',
	);
	return { kind: 'path', path };
}

function templateOf(expression: string): FieldSource {
	const pieces = piecesOf(expression).filter(({ text }) => text !== '');
	const filledPieces = pieces.filter(({ text }) => text.trim() !== '');
	const isTemplate = filledPieces.length > 1 && filledPieces.some(({ isCode }) => isCode);
	if (!isTemplate || /\\[{}]/.test(expression)) {
		return { kind: 'expression', expression };
	}
	const parts = pieces.map(({ isCode, text }) =>
		isCode ? fieldSource(`=${text}`) : ({ kind: 'constant', value: text } as const),
	);
	return { kind: 'template', parts };
}

/** Splits an expression into plain texts and the code between `{{ }}`. Like the engine, it ends the code at the first `}}`. */
function piecesOf(expression: string): Array<{ isCode: boolean; text: string }> {
	const pieces: Array<{ isCode: boolean; text: string }> = [];
	let from = 0;
	for (;;) {
		const open = expression.indexOf('{{', from);
		const close = open === -1 ? -1 : expression.indexOf('}}', open);
		if (close === -1) {
			pieces.push({ isCode: false, text: expression.slice(from) });
			return pieces;
		}
		const end = close + 2;
		pieces.push({ isCode: false, text: expression.slice(from, open) });
		pieces.push({ isCode: true, text: expression.slice(open, end) });
		from = end;
	}
}

/** The columns from which a field reads its value, e.g. `product` and `device` for `{{ $json.product }}/{{ $json["device"] }}`. */
export function columnsOf(source: FieldSource): string[] {
	switch (source.kind) {
		case 'constant':
			return [];
		case 'path':
			return source.path.slice(0, 1);
		case 'template':
			return source.parts.flatMap(columnsOf);
		case 'expression': {
			const references = source.expression.matchAll(COLUMN_REFERENCE);
			return Array.from(references, ([, name, double, single]) => name ?? double ?? single ?? '');
		}
	}
}

/** Whether n8n's engine has to evaluate an expression for each row. */
export function needsEngine(source: FieldSource): boolean {
	return source.kind === 'expression' || (source.kind === 'template' && source.parts.some(needsEngine));
}

/** Matches an expression that reads a member of the object in a column, e.g. `$json.Account?.Id`, but does not call a method of it. */
const MEMBER_REFERENCE = /\$json(?:\.[\w$\p{L}]+|\[(?:"[^"\\]*"|'[^'\\]*')\])(?:\?\.|\.|\[)(?!\w+\()/u;

/** Whether a field reads a member of the object in its column, e.g. `$json.Account.Id`. */
export function readsMember(source: FieldSource): boolean {
	switch (source.kind) {
		case 'constant':
			return false;
		case 'path':
			return source.path.length > 1;
		case 'expression':
			return MEMBER_REFERENCE.test(source.expression);
		case 'template':
			return source.parts.some(readsMember);
	}
}

/**
 * The value at a path of a row as the engine would read it; undefined if there is none.
 * @param evaluate evaluates the expression that reads the path, without its leading `=`. It is called if the path leads to something that every
 * object or text has, such as `map` of a list
 */
export function readPath(
	row: unknown,
	path: readonly string[],
	evaluate?: (expression: string) => unknown,
): unknown {
	let value = row;
	for (const step of path) {
		if (value === undefined || value === null) {
			return undefined;
		}
		if (!Object.hasOwn(value, step)) {
			return step in Object(value) ? evaluate?.(expressionOf(path)) : undefined;
		}
		value = (value as Readonly<Record<string, unknown>>)[step];
	}
	return value;
}

function expressionOf(path: readonly string[]): string {
	return `{{ $json${path.map((step) => `[${JSON.stringify(step)}]`).join('')} }}`;
}
