import { Ajv, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { schemaFile, SCHEMA_FOLDER } from '../../packaging/outputSchemas.mts';
import { FREE_FORM, type Schema } from '../../packaging/inferSchema.mts';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validators = new Map<string, ValidateFunction>();
const violations = new Set<string>();

// Outside Jest, e.g. in a script, nothing is checked.
const { afterEach } = globalThis as { afterEach?: (check: () => void) => void };
afterEach?.(() => {
	const found = [...violations];
	violations.clear();
	if (found.length > 0) {
		throw new Error(`Output that is in no schema, or a text with an empty slot:\n${found.join('\n')}`);
	}
});

/** The node with checks: each output item must match the schema for n8n's editor, and no text may have an empty slot. */
export function checkingOutput(nodeType: INodeType): INodeType {
	const execute = nodeType.execute!;
	nodeType.execute = async function (this: IExecuteFunctions) {
		const addHints = this.addExecutionHints.bind(this);
		this.addExecutionHints = (...hints) => {
			for (const { message } of hints) {
				checkText(message);
			}
			addHints(...hints);
		};
		const outputs = (await execute.call(this).catch((cause: Error & { description?: unknown }) => {
			for (const text of [cause.message, cause.description]) {
				checkText(text);
			}
			throw cause;
		})) as INodeExecutionData[][];
		for (const { json } of outputs[0]!) {
			checkItem(this, json);
			const { message, advice } = (json.error ?? {}) as IDataObject;
			for (const text of [message, advice, json.Summary, json.SummaryZh]) {
				checkText(text);
			}
		}
		return outputs;
	};
	return nodeType;
}

/** Traces of a missing value in a sentence: "Correct  and try again". */
const EMPTY_SLOT =
	/\S {2}\S|(?<![\w'])''(?![\w'])|(?<!\w)\(\)|“”|（）|(?<!')\bundefined\b(?!')|, [,.;]|^[.,;: ]|: ?[.;]|[:,;]\s*$/;

function checkText(text: unknown): void {
	if (typeof text === 'string' && EMPTY_SLOT.test(text)) {
		violations.add(text);
	}
}

/** No schema describes previews of Dry Runs, which have the parameters of a request, or the items for models. */
function checkItem(context: IExecuteFunctions, json: IDataObject): void {
	const { type, parameters } = context.getNode();
	const options = (parameters.options ?? {}) as IDataObject;
	if (type.endsWith('Tool') || options.dryRun === true) {
		return;
	}
	const name = ['resource', 'operation'].map((field) => String(context.getNodeParameter(field, 0))).join('.');
	const ownOutput = options.outputItemPer === 'row' ? withoutColumns(json, context.getInputData()) : json;
	const validate = validatorOf(name);
	// As n8n stores it.
	if (validate(JSON.parse(JSON.stringify(ownOutput)))) {
		return;
	}
	for (const { instancePath, message, params } of validate.errors ?? []) {
		violations.add(`${name}${instancePath} ${message} ${JSON.stringify(params)}`);
	}
}

function withoutColumns(json: IDataObject, rows: readonly INodeExecutionData[]): IDataObject {
	const columns = new Set(rows.flatMap((row) => Object.keys(row.json ?? {})));
	const isColumn = (name: string) => columns.has(name.replace(/^(row_)+/, ''));
	return Object.fromEntries(Object.entries(json).filter(([name]) => !isColumn(name)));
}

function validatorOf(name: string): ValidateFunction {
	const compiled = validators.get(name);
	if (compiled !== undefined) {
		return compiled;
	}
	const file = `${SCHEMA_FOLDER}/${schemaFile(name)}`;
	const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema;
	const validator = ajv.compile(closed(schema, !name.startsWith('deviceBinding.')));
	validators.set(name, validator);
	return validator;
}

/**
 * The schema without additional members.
 *
 * @param isOfService whether members come from the service: they may be null, and 64-bit numbers are strings
 */
function closed(schema: Schema, isOfService: boolean): object {
	if (schema.type === 'array') {
		return 'type' in schema.items
			? { ...schema, items: closed(schema.items as Schema, isOfService) }
			: schema;
	}
	if (schema.type !== 'object') {
		return isOfService ? { type: [...new Set([schema.type, 'string', 'null'].flat())] } : schema;
	}
	const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [
		name,
		FREE_FORM.has(name) ? {} : closed(member, isOfService),
	]);
	return { type: 'object', properties: Object.fromEntries(members), additionalProperties: false };
}
