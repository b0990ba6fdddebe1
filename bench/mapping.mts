import type { IExecuteFunctions, INodeType } from 'n8n-workflow';
import { loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import { atMost, show, spreadsOf, type Section, type Spread } from './report.mts';
import { alternate, type Run } from './rounds.mts';
import { crmRows } from './rows.mts';
import { loadSources, type Sources } from './sources.mts';

const DEVICES_PER_CUSTOMER = 5;
const ROUNDS = 5;
const WARM_UPS = 1;
const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'];

const mappings = {
	automatic: { mappingMode: 'autoMapInputData', value: null },
	'plain references': defineBelow((field) => `={{ $json.${field} }}`),
	'true expressions': defineBelow((field) => `={{ $json.${field}.trim() }}`),
};
type Mapping = keyof typeof mappings;

/** Expressions are the engine's own work, hundreds of times as long: more rows would show nothing new. */
const ROW_COUNTS: Readonly<Record<Mapping, number[]>> = {
	automatic: [10_000, 100_000, 1_000_000],
	'plain references': [10_000, 100_000, 1_000_000],
	'true expressions': [10_000],
};

/** The time from the rows to the requests that are to be sent: mapping, checks and grouping, on n8n's engine. */
export async function measureMapping(): Promise<Section> {
	const sources = await loadSources();
	const section: Section = {
		title: 'Mapping, checks and grouping',
		about: `Milliseconds from the input items to the requests, ${DEVICES_PER_CUSTOMER} devices per customer, median (min–max) of ${ROUNDS} runs in turns.`,
		head: ['rows', ...Object.keys(mappings)],
		rows: [],
		targets: [],
	};
	const found = new Map<string, Spread>();
	for (const rows of ROW_COUNTS.automatic) {
		const crm = crmRows(rows / DEVICES_PER_CUSTOMER, DEVICES_PER_CUSTOMER);
		const contenders = (Object.keys(mappings) as Mapping[]).filter((name) => ROW_COUNTS[name].includes(rows));
		const times = await alternate(
			Object.fromEntries(contenders.map((name) => [name, mappingRun(sources, crm, name)])),
			{ rounds: ROUNDS, warmUps: WARM_UPS },
		);
		const spreads = spreadsOf(times);
		for (const [name, spread] of Object.entries(spreads)) found.set(`${name} ${rows}`, spread);
		const cells = Object.keys(mappings).map((name) => spreads[name]);
		section.rows.push([String(rows), ...cells.map((cell) => (cell === undefined ? '' : show(cell)))]);
	}
	const ms = (key: string) => found.get(key)?.median ?? NaN;
	const plain = ms('plain references 100000');
	section.targets.push(
		atMost('100,000 rows, plain references', plain, 150, ' ms'),
		atMost('1,000,000 rows to 100,000, plain references', ms('plain references 1000000') / plain, 12),
	);
	return section;
}

function mappingRun(
	{ pushOperation, readRunOptions, readItems }: Sources,
	rows: ReturnType<typeof crmRows>,
	mapping: Mapping,
): Run {
	return async () => {
		let ms = NaN;
		const { description } = loadBuiltNode().nodeType;
		const nodeType: INodeType = {
			description,
			async execute(this: IExecuteFunctions) {
				const items = this.getInputData();
				const startMs = performance.now();
				const { options } = readRunOptions(pushOperation, () => ({}));
				const inputs = readItems(
					this,
					items,
					pushOperation.customers?.columns(options),
					pushOperation.inputReader(options),
				);
				const { calls } = await pushOperation.toCalls(inputs, options);
				ms = performance.now() - startMs;
				if (calls.length !== rows.length / DEVICES_PER_CUSTOMER) throw new Error('Customers are missing');
				return [[]];
			},
		};
		await runNode({ rows, nodeType, parameters: { columns: mappings[mapping] } });
		return ms;
	};
}

function defineBelow(expression: (field: string) => string) {
	const value = Object.fromEntries(FIELDS.map((field) => [field, expression(field)]));
	return { mappingMode: 'defineBelow', value };
}
