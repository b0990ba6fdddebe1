import type { IDataObject } from 'n8n-workflow';
import { dataTablesBeside, type NodeResult } from '../../embedded/embeddedEngine.mts';
import type { Fault } from '../../simulator/simulator.mts';
import { Dice, seedFor } from '../invariants/dice.mts';
import type { PushRun } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

/** Every id, value and column of the rows, and every word of the service about a customer, has one of these. */
const OF_ROWS = /qzxqz|柒/i;

/** The kinds of runs. */
const NIGHTS = [
	'part of the rows',
	'all changed',
	'fewer devices',
	'state lost',
	'source failed',
	'no header',
	'vague columns',
	'absent columns',
	'bad rows',
	'refused',
	'refused in Chinese',
	'unclear',
	'throttled',
	'outage',
	'wrong option',
	'little time',
] as const;
type Night = (typeof NIGHTS)[number];

/** A run, and what its texts gave away. */
interface CheckedRun {
	seed: number;
	night: Night;
	/** Each text with an id, a value or a column of the rows, or with words of the service about a customer. */
	leaks: readonly string[];
	/** How the run ended: `dry`, `stopped`, `done`, or the codes of its failures. */
	kinds: readonly string[];
}

/** The rows of some customers, each with its devices. */
function customers(dice: Dice, count: number): IDataObject[] {
	return Array.from({ length: count }, (_, index) => {
		const id = `qzxqz${dice.integer(100, 999)}${index}`;
		return Array.from({ length: dice.integer(1, 3) }, (_, device) => ({
			CustomerId: id,
			CustomerDeviceNo: `qzxqzSN${index}${device}`,
			DeviceId: `qzxqzP${index % 3}/qzxqzD${index}x${device}`,
			ProductName: dice.pick(['qzxqzLock', '柒锁']),
		}));
	}).flat();
}

/** Ways to make a value unusable. */
const SPOILT: ReadonlyArray<(value: string, other: string) => unknown> = [
	() => '',
	(value) => `${value}\u200b`,
	(value) => `${value}\u0007x`,
	(value) => `="${value}"`,
	(value) => `"${value}"`,
	(value) => `${value},${value}b`,
	(value) => [value],
	(value) => ({ id: value }),
	(value) => `${value}（柒先生）`,
	(value) => value.replaceAll('/', '／'),
	(value) => value.repeat(90),
	(value) => `${value}/${value}`,
	(value) => value.replaceAll('qzxqz', 'QZXQZ'),
	(value, other) => `${value} ${other}`,
	(value) => `${value}\ufffd`,
	(value) => `qzxqz_undefined_${value}`,
	(_, other) => other,
	() => '柒柒柒',
];

function spoil(dice: Dice, rows: readonly IDataObject[]): IDataObject[] {
	const names = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'];
	const chance = dice.pick([0.05, 0.3, 1]);
	return rows.map((row) => {
		if (!dice.happens(chance)) {
			return row;
		}
		const name = dice.pick(names);
		const other = String(dice.pick(rows)[name]);
		return { ...row, [name]: dice.pick(SPOILT)(String(row[name]), other) as string };
	});
}

/** A spreadsheet without a header row: the values of its first row become the column names. */
function withoutHeader(rows: readonly IDataObject[]): IDataObject[] {
	const names = Object.values(rows[0]!).map((value, index) => `${String(value)}${index}`);
	return rows.slice(1).map((row) => {
		return Object.fromEntries(Object.values(row).map((value, index) => [names[index]!, value]));
	});
}

/** Gives the columns vague or repeated names. */
function withVagueColumns(dice: Dice, rows: readonly IDataObject[]): IDataObject[] {
	const titles = [
		'qzxqz客户',
		'qzxqz customer number',
		'柒设备',
		'qzxqz device',
		'qzxqz product',
		'Name qzxqz',
		'ID 柒',
	];
	const names = Object.keys(rows[0]!).map((_, index) => `${dice.pick(titles)} ${index}`);
	return rows.map((row) => {
		const values = Object.values(row);
		return Object.fromEntries(values.map((value, index) => [names[index]!, value]));
	});
}

const SERVICE_MESSAGES = [
	'qzxqzerror',
	'column "qzxqzname" of 柒表 does not exist',
	"Duplicate entry 'qzxqz17' for key",
	'柒: qzxqz',
];

interface Spoilt {
	rows: IDataObject[];
	options?: IDataObject;
	columns?: IDataObject;
	fault?: (id: string) => Fault | undefined;
	before?: 'lose';
}

/** What goes wrong for Sync in a night of this kind. */
function spoilNight(night: Night, dice: Dice, rows: IDataObject[]): Spoilt {
	const changed = rows.map((row) => {
		return dice.happens(0.2) ? { ...row, ProductName: `${String(row['ProductName'])}qzxqz` } : row;
	});
	const serviceMessage = dice.pick(SERVICE_MESSAGES);
	switch (night) {
		case 'part of the rows':
			return { rows: rows.slice(0, dice.integer(1, Math.ceil(rows.length / 3))) };
		case 'all changed':
			return { rows: rows.map((row) => ({ ...row, CustomerDeviceNo: `qzxqznew${dice.integer(1, 9999)}` })) };
		case 'fewer devices':
			return {
				rows: rows.map((row) => ({ ...row, ProductName: 'qzxqzother', DeviceId: rows[0]!['DeviceId'] })),
			};
		case 'state lost':
			return { rows: changed, before: 'lose' };
		case 'source failed':
			return {
				rows: dice.pick<IDataObject[]>([
					[{}],
					[{ error: serviceMessage }],
					[{ error: { message: serviceMessage, name: 'qzxqzError' } }],
					[{ error: serviceMessage, message: serviceMessage, item: 0 }],
				]),
			};
		case 'no header':
			return { rows: withoutHeader(rows) };
		case 'vague columns':
			return { rows: withVagueColumns(dice, rows) };
		case 'absent columns': {
			const names = ['qzxqzid', '柒编号', 'qzxqzdevice', 'DeviceId'];
			const expression = () => `={{ $json['${dice.pick(names)}'] }}`;
			return {
				rows,
				columns: {
					CustomerId: expression(),
					CustomerDeviceNo: expression(),
					DeviceId: expression(),
					ProductName: '={{ $json.ProductName }}',
				},
			};
		}
		case 'bad rows':
			return { rows: spoil(dice, changed) };
		case 'refused':
		case 'refused in Chinese': {
			const Message =
				night === 'refused'
					? serviceMessage
					: dice.pick(['用户不存在：柒qzxqz', 'DeviceId 无效 qzxqz', 'qzxqz 已过期']);
			const Code = dice.pick([
				'InvalidParameterValue',
				'ResourceNotFound',
				'LimitExceeded',
				'FailedOperation',
			]);
			const chance = dice.pick([0.2, 1]);
			return {
				rows: changed,
				fault: () => (dice.happens(chance) ? { kind: 'error', Code, Message } : undefined),
			};
		}
		case 'unclear': {
			const body = dice.pick([
				'',
				'qzxqz',
				'{"Response":{"Status":"qzxqz 柒"}}',
				'<html>qzxqz</html>',
				'{"qzxqz":',
			]);
			return { rows: changed, fault: () => ({ kind: 'body', body }) };
		}
		case 'throttled':
			return {
				rows: changed,
				fault: () => ({ kind: 'error', Code: 'RequestLimitExceeded', Message: serviceMessage }),
			};
		case 'outage':
			return { rows: changed, fault: () => ({ kind: 'reset' }) };
		case 'wrong option':
			return {
				rows: changed,
				options: { concurrency: `={{ (() => { throw new Error('qzx' + 'qz') })() }}` },
			};
		case 'little time':
			return { rows: changed, options: { longestRun: 1 } };
	}
}

/** Runs by the seeds from 0 on. */
export async function runNamelessSyncs(
	count: number,
): Promise<{ leaking: CheckedRun[]; kinds: Set<string> }> {
	const leaking: CheckedRun[] = [];
	const kinds = new Set<string>();
	for (let seed = 0; seed < count; seed++) {
		const run = await runNamelessSync(seed);
		for (const kind of run.kinds) {
			kinds.add(kind);
		}
		if (run.leaks.length > 0) {
			leaking.push(run);
		}
	}
	return { leaking, kinds };
}

/** Runs a Sync with 'Name Customers' off, in most cases once without faults, and then with what `seed` draws. */
async function runNamelessSync(seed: number): Promise<CheckedRun> {
	const dice = new Dice(seedFor(seed, 'nameless'));
	const night = NIGHTS[seed % NIGHTS.length]!;
	const faultNow: Pick<Spoilt, 'fault'> = {};
	const faults = ({ CustomerId = '' }: { CustomerId?: string }) => faultNow.fault?.(CustomerId);
	const timeline = await syncTimeline({ faults }, { addsUp: false });
	const rows = customers(dice, dice.pick([2, 22, 30]));
	const options = { outputItemPer: 'run', nameCustomers: false, maxAttempts: 1, pushAgainAfter: 0 };
	const isFirstRun = dice.happens(0.2);
	if (!isFirstRun) {
		await timeline.sync(rows, options);
	}
	const { rows: nightRows, fault: nightFault, ...spoilt } = spoilNight(night, dice, rows);
	if (nightFault !== undefined) {
		faultNow.fault = nightFault;
	}
	if (spoilt.before === 'lose') {
		await timeline.lose();
	}
	const isDry = dice.happens(0.2);
	const isStopping = dice.happens(0.5);
	const run: PushRun = {
		onError: isStopping ? 'stopWorkflow' : 'continueErrorOutput',
		messages: { messageFor: dice.pick(['text', 'wecom', 'slack']), language: dice.pick(['both', 'chinese']) },
		safetyChecks: dice.happens(0.5) ? {} : { stopAbove: 100, stopWhenDevicesDrop: 100 },
		rowHandling: dice.pick<IDataObject>([{}, { invalidRows: 'sendValid' }, { unusualIds: 'allow' }]),
		mode: dice.happens(0.2) ? 'manual' : 'trigger',
	};
	if (spoilt.columns !== undefined) {
		run.columns = spoilt.columns;
	}
	const nightOptions: IDataObject = { ...options, ...spoilt.options };
	if (isDry) {
		nightOptions['dryRun'] = true;
	}
	const leaks: string[] = [];
	const kinds = new Set<string>();
	// The same check may stop a second run, and the message then says that it is the second.
	for (let count = dice.integer(1, 2); count > 0; count--) {
		const result = await timeline.sync(nightRows, nightOptions, run);
		const texts = [...shownBy(result), ...keptForPeople(timeline.processedData)];
		leaks.push(...texts.filter((text) => OF_ROWS.test(text)));
		const report = result.success[0]?.json as { Failures?: Array<{ code: string }> } | undefined;
		const codes = report?.Failures?.map(({ code }) => code) ?? [];
		kinds.add(result.failure === undefined ? 'done' : 'stopped');
		for (const kind of isDry ? ['dry'] : codes) {
			kinds.add(kind);
		}
	}
	return { seed, night, leaks, kinds: [...kinds] };
}

/** Every text of a run that may be shown to people who must not see names: not its records, and not the items of its failures. */
function shownBy({ success, hints, failure, logs, saved }: NodeResult): string[] {
	const items = success.map(({ json }) => {
		const { Records: _, CustomerIds: _ids, ...report } = json;
		return report;
	});
	const shown = [...items.flatMap((item) => textsIn(item)), ...hints.map(({ message }) => message)];
	// n8n's debug lines contain whole nodes.
	const logged = logs.filter(({ level }) => level !== 'debug');
	const loggedAndListed = [logged, saved.data.resultData.metadata].map(
		(value) => JSON.stringify(value) ?? '',
	);
	return [...shown, ...loggedAndListed, failure?.message ?? '', String(failure?.description ?? '')];
}

/** What waits for people: the message and the plan. */
function keptForPeople(processedData: Parameters<typeof dataTablesBeside>[0]): string[] {
	const rows = dataTablesBeside(processedData).rowsOf('tencent_iot_sync');
	return rows.map(({ last }) => String(last));
}

function textsIn(value: unknown, name = ''): string[] {
	if (typeof value === 'object' && value !== null) {
		return Object.entries(value).flatMap(([member, inner]) => textsIn(inner, `${name}.${member}`));
	}
	return [`${name}: ${String(value)}`];
}
