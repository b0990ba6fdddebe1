import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { INodeParameters } from 'n8n-workflow';
import type { MappedField, GivenColumns } from './columns.mts';
import { FIELDS } from './columns.mts';
import { InputError } from './inputError.mts';
import { readNodeOptions } from './nodeOptions.mts';
import type { ProbeSettings } from './probe/settings.mts';
import { probeFlags, probeUsage, readProbe } from './probe/settings.mts';

/** The settings of a run over rows. */
export interface RowsSettings {
	/** Path of the CSV file or workbook. */
	readonly file: string;
	/** Whether it is the shipped example without changed options: its expected result is known. */
	readonly isExample: boolean;
	readonly columns: GivenColumns;
	/** The node's options, by group. */
	readonly chosen: INodeParameters;
	readonly operation: 'push' | 'sync';
	readonly dryRun: boolean;
	/** Write items and verdict as JSON instead of tables. */
	readonly json: boolean;
}

/** The text of --help. */
export const usage = `Runs the built node over a table, on n8n's own engine, against a simulator of the service that is started for the run:
npm start -- [file] [flags]

  --rows <file>            the same as file: Excel workbook (.xlsx, its first sheet), or CSV with column names in its first line,
                           separated by commas, semicolons or tabs, in UTF-8 or GB18030 (examples/crm-devices.csv, invented)
  --column <field=column>  a column that the node does not map by its name; may be repeated. Fields: ${FIELDS.join(', ')}.
                           Also a text with expressions, such as 'DeviceId={{ $json.product }}/{{ $json.device }}'
  --set <option=value>     an option of the node, such as emptyCustomerId=above; may be repeated
  --dry-run                show what would be sent, send nothing
  --sync                   Sync instead of Push, three times: the rows, the same rows, and some of them changed
  --json                   items and verdict as JSON on stdout, nothing else (run it as: npm start --silent -- --json)
  --help                   show this

${probeUsage}
Ends with 0 when the items account for every row, the simulator holds exactly what they say, and no customer failed but for its
rows; with 1 when not, and with 2 when the arguments or the file cannot be used.
`;

const flags = {
	rows: { type: 'string' },
	column: { type: 'string', multiple: true },
	set: { type: 'string', multiple: true },
	'dry-run': { type: 'boolean' },
	sync: { type: 'boolean' },
	json: { type: 'boolean' },
	help: { type: 'boolean' },
	...probeFlags,
} as const;

const EXAMPLE = join(import.meta.dirname, '../examples/crm-devices.csv');

/**
 * Reads the arguments after the script's name.
 *
 * @throws InputError naming the flag that is missing or wrong
 */
export function readCommandLine(args: readonly string[]): RowsSettings | ProbeSettings | 'help' {
	const { values, positionals } = parse(args);
	if (values.help === true) {
		return 'help';
	}
	const {
		rows: flagged,
		column = [],
		set = [],
		sync = false,
		'dry-run': dryRun = false,
		json = false,
	} = values;
	const [file = flagged] = positionals;
	if (positionals.length > 1 || (positionals.length > 0 && flagged !== undefined)) {
		throw new InputError('Give one file; see --help.');
	}
	const probe = readProbe({ ...values, rows: file });
	if (probe !== undefined) {
		return probe;
	}
	if (sync && dryRun) {
		throw new InputError('--sync and --dry-run exclude each other.');
	}
	const operation = sync ? 'sync' : 'push';
	return {
		file: file ?? EXAMPLE,
		isExample: file === undefined && column.length === 0 && set.every(isHarmless),
		columns: Object.fromEntries(column.map(readColumn)),
		chosen: readNodeOptions(set, operation),
		operation,
		dryRun,
		json,
	};
}

/** Whether an option changes only how fast requests are sent. */
function isHarmless(text: string): boolean {
	return /^(concurrency|maxAttempts|requestsPerSecond|timeout)=/.test(text);
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], options: flags, allowPositionals: true });
	} catch (error) {
		// The first sentence says what is wrong; the rest explains the parser.
		const [problem] = (error as Error).message.split(/\.\s/);
		throw new InputError(`${problem}; see --help.`, { cause: error });
	}
}

function readColumn(text: string): [MappedField, string] {
	const [name, ...columnParts] = text.split('=');
	const field = FIELDS.find((candidate) => candidate === name);
	const column = columnParts.join('=').trim();
	if (field !== undefined && column !== '') {
		return [field, column];
	}
	throw new InputError(
		`--column must be one of ${FIELDS.join(', ')} and a column, such as CustomerId=客户编号, not "${text}".`,
	);
}
