import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { envelopes } from '../simulator/envelope.mts';
import { signatureSchemes } from '../simulator/verifySignature.mts';
import type { ColumnNames, Field } from './fields.mts';
import { DEFAULT_COLUMNS, FIELDS } from './fields.mts';
import { InputError } from './inputError.mts';
import type { Target } from './target.mts';
import { readEndpoint } from './endpoint.mts';
import type { ProbeSettings } from './probe/probe.mts';
import { probeUsage, readProbe } from './probe/readProbe.mts';

/** What a run is to do. */
export interface Settings {
	/** Path of the CSV file. */
	readonly rowsFile: string;
	/** Given by name; the others are found by the names that the node knows. */
	readonly columns: Partial<ColumnNames>;
	readonly target: Target;
	readonly dryRun: boolean;
	/** Write the result as JSON instead of tables. */
	readonly json: boolean;
	/** Rows that cannot be used make the run fail as well. */
	readonly strict: boolean;
	/** Sync instead of Push: once with the memory in a folder, or three times with one that ends with the command. */
	readonly sync: 'thrice' | { readonly memoryFolder: string } | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const KEY_VARIABLES = { appKey: 'TENCENT_IOT_APP_KEY', appSecret: 'TENCENT_IOT_APP_SECRET' } as const;

const columnUsage = FIELDS.map((field) => `${field}=${DEFAULT_COLUMNS[field]}`).join(', ');

/** The text of --help. */
export const usage = `Pushes the devices of a CRM export to Tencent Cloud IoT Enablement, one request per customer: a workflow with
the built node on n8n's own engine, against a simulator of the service that is started for the run.

  --rows <file>            Excel workbook (.xlsx, its first sheet), or CSV file with column names in its first line, separated by commas, semicolons or tabs, or as
                           a line sep= above says; in UTF-8, UTF-16 with a BOM, or GB18030 (examples/crm-devices.csv,
                           invented; for --live, and for an --endpoint on another machine, yours must be given)
  --column <field=column>  which column holds a field; may be repeated. Without it the node's names for it are found
                           (such as ${columnUsage})
  --dry-run                show what would be sent, send nothing
  --json                   the result as JSON on stdout, nothing else (run it as: npm start --silent -- --json)
  --strict                 end with 1 also when rows of the file cannot be used
  --help                   show this

Sync, which pushes only what has changed, instead of Push:
  --sync                   three runs against the simulator of the run: the rows, the same rows again, and a few of them
                           changed; each line of the table is a run
  --memory <folder>        with --sync and with --endpoint or --live: one run, which keeps in this folder what was accepted,
                           so that the same command sends nothing the second time. The simulator must be one that keeps
                           running (npm run simulator) and knows what was pushed; a folder that is gone sends everything again

${probeUsage}
Where to push, the simulator of the run by default:
  --rule <name>            how its simulator signs nested values: ${signatureSchemes.join(', ')} (json)
  --envelope <name>        form of its simulator's answers: ${envelopes.join(', ')} (response)
  --endpoint <url>         a running simulator or another endpoint
  --live                   the real service in China
--endpoint and --live take the key and the secret from ${KEY_VARIABLES.appKey} and ${KEY_VARIABLES.appSecret};
for an endpoint on this machine those of the simulator are the default.

Ends with 0 when every customer whose rows can all be used is OK, with 1 when not, and with 2 when the
arguments or the file cannot be used.
`;

const flags = {
	rows: { type: 'string' },
	column: { type: 'string', multiple: true },
	endpoint: { type: 'string' },
	live: { type: 'boolean' },
	rule: { type: 'string' },
	envelope: { type: 'string' },
	'dry-run': { type: 'boolean' },
	json: { type: 'boolean' },
	strict: { type: 'boolean' },
	sync: { type: 'boolean' },
	memory: { type: 'string' },
	probe: { type: 'boolean' },
	product: { type: 'string' },
	out: { type: 'string' },
	'with-test-customer': { type: 'string' },
	device: { type: 'string', multiple: true },
	'product-name': { type: 'string' },
	help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/**
 * Reads the arguments after the script's name.
 *
 * @throws InputError naming the flag or variable that is missing or wrong
 */
export function readCommandLine(
	args: readonly string[],
	environment: Environment,
): Settings | ProbeSettings | 'help' {
	const values = parse(args);
	if (values.help) return 'help';
	const probe = readProbe(values, () => readTarget(values, environment));
	if (probe !== undefined) return probe;
	const sync = readSync(values);
	const target = readTarget(values, environment);
	return {
		rowsFile: values.rows ?? exampleFor(target),
		columns: Object.fromEntries((values.column ?? []).map(readColumn)),
		target,
		dryRun: values['dry-run'] ?? false,
		json: values.json ?? false,
		strict: values.strict ?? false,
		sync,
	};
}

function readSync({ sync = false, memory, live, endpoint, ...others }: Values): Settings['sync'] {
	if (!sync) {
		if (memory === undefined) return undefined;
		throw new InputError('--memory is for --sync: a push sends every customer and remembers nothing.');
	}
	if (others['dry-run']) throw new InputError('--sync and --dry-run exclude each other.');
	const isLasting = (live ?? false) || endpoint !== undefined;
	if (memory === '') throw new InputError('--memory must name a folder.');
	if (memory !== undefined && !isLasting) {
		throw new InputError(
			'--memory needs --endpoint with a simulator that keeps running (npm run simulator), or --live: the simulator of the run ends with it.',
		);
	}
	if (memory !== undefined) return { memoryFolder: memory };
	if (!isLasting) return 'thrice';
	throw new InputError(
		'--sync with --endpoint or --live needs --memory <folder>, in which it keeps what was accepted.',
	);
}

/** The invented rows, which only a simulator may get. */
function exampleFor(target: Target): string {
	const isOwnMachine =
		target.kind === 'simulator' || (target.kind === 'endpoint' && readEndpoint(target.endpoint).isLoopback);
	if (isOwnMachine) return join(import.meta.dirname, '../examples/crm-devices.csv');
	const flag = target.kind === 'live' ? '--live' : 'This endpoint';
	throw new InputError(`${flag} needs your own rows: give the file with --rows. The example is invented.`);
}

function parse(args: readonly string[]): Values {
	try {
		return parseArgs({ args: [...args], options: flags, allowPositionals: false }).values;
	} catch (error) {
		// Its first sentence says what is wrong; the others explain the parser.
		const [problem] = (error as Error).message.split(/\.\s/);
		throw new InputError(`${problem}; see --help.`, { cause: error });
	}
}

function readColumn(text: string): [Field, string] {
	const [name, ...rest] = text.split('=');
	const field = FIELDS.find((known) => known === name);
	const column = rest.join('=').trim();
	if (field !== undefined && column !== '') return [field, column];
	throw new InputError(
		`--column must be one of ${FIELDS.join(', ')} and a column, such as ${columnUsage.split(',')[0]}, not "${text}".`,
	);
}

function readTarget({ endpoint, live = false, rule, envelope }: Values, environment: Environment): Target {
	if (live && endpoint !== undefined) throw new InputError('--live and --endpoint exclude each other.');
	const isOwn = !live && endpoint === undefined;
	if (!isOwn && (rule ?? envelope) !== undefined) {
		throw new InputError(
			'--rule and --envelope are for the simulator of the run, not for --live or --endpoint.',
		);
	}
	if (live) return { kind: 'live', ...readKeys(environment, '--live') };
	if (endpoint === undefined) {
		return {
			kind: 'simulator',
			rule: readChoice('rule', rule ?? 'json', signatureSchemes),
			envelope: readChoice('envelope', envelope ?? 'response', envelopes),
		};
	}
	const { href, isLoopback } = readEndpoint(endpoint);
	const defaults = isLoopback ? { appKey: 'ServiceAppKey', appSecret: 'ServiceAppSecret' } : {};
	return { kind: 'endpoint', endpoint: href, ...readKeys(environment, 'This endpoint', defaults) };
}

type Keys = Record<keyof typeof KEY_VARIABLES, string>;

function readKeys(environment: Environment, who: string, defaults: Partial<Keys> = {}): Keys {
	const read = (key: keyof Keys) => environment[KEY_VARIABLES[key]]?.trim() || defaults[key];
	const [appKey, appSecret] = [read('appKey'), read('appSecret')];
	if (appKey !== undefined && appSecret !== undefined) return { appKey, appSecret };
	const missing = [
		appKey === undefined && KEY_VARIABLES.appKey,
		appSecret === undefined && KEY_VARIABLES.appSecret,
	];
	throw new InputError(
		`${who} needs your application's key and secret: set ${missing.filter(Boolean).join(' and ')}.`,
	);
}

function readChoice<T extends string>(flag: string, value: string, choices: readonly T[]): T {
	const choice = choices.find((candidate) => candidate === value);
	if (choice !== undefined) return choice;
	throw new InputError(`--${flag} must be one of ${choices.join(', ')}, not "${value}".`);
}
