import type { IDataObject } from 'n8n-workflow';
import { Dice, seedFor } from '../invariants/dice.mts';
import { row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

/**
 * Random worlds: the rows of two nights, and which customers the service refuses. The expected counts of each night are computed here from the
 * rows alone, and compared with report, plan and texts of the node on n8n's engine:
 *
 *     first night    all customers are sent
 *     second night   the rows are sent, or a check stops the run; then its plan is approved
 *     third night    the same rows again
 */
interface World {
	first: Night;
	second: Night;
}

/** The rows of a night by customers. */
interface Night {
	customers: Map<string, Customer>;
	/** The ids that the service refuses. */
	refused: Set<string>;
}

interface Customer {
	/** Each as DeviceId and CustomerDeviceNo. */
	devices: Array<readonly [device: string, number: string]>;
	/** Whether the DeviceId of its first row is mistyped, which withholds it. */
	isMistyped: boolean;
}

const STOP_ABOVE = 20;
const STOP_WHEN_DEVICES_DROP = 3;
const CHECKED_FROM = 20;

function drawWorld(seed: number): World {
	const dice = new Dice(seedFor(seed, 'world'));
	let count = 0;
	const newDevice = () => {
		count++;
		return [`P/D${count}`, `SN-${count}`] as const;
	};
	const newCustomer = (): Customer => {
		const devices = Array.from({ length: dice.integer(1, 3) }, newDevice);
		return { devices, isMistyped: dice.happens(0.05) };
	};
	const first: Night = { customers: new Map(), refused: new Set() };
	const size = dice.integer(20, 60);
	for (let index = 0; index < size; index++) {
		const id = `c${index}`;
		first.customers.set(id, dice.happens(0.05) ? { devices: [], isMistyped: false } : newCustomer());
		if (dice.happens(0.05)) {
			first.refused.add(id);
		}
	}
	const chanceOf = () => dice.pick([0, 0, 0.02, 0.04, 0.1, 0.3]);
	const [gone, changed, mistyped, bare, moved, added] = Array.from({ length: 6 }, chanceOf);
	const second: Night = { customers: new Map(), refused: new Set() };
	for (const [id, { devices, isMistyped }] of first.customers) {
		if (dice.happens(gone ?? 0)) {
			continue;
		}
		const customer: Customer = {
			devices: [...devices],
			isMistyped: isMistyped ? dice.happens(0.5) : dice.happens(mistyped ?? 0),
		};
		const [firstDevice] = devices;
		if (firstDevice === undefined || dice.happens(bare ?? 0)) {
			customer.devices = firstDevice === undefined && dice.happens(0.3) ? [newDevice()] : [];
			customer.isMistyped = false;
		} else if (dice.happens(changed ?? 0)) {
			changeDevices(customer, dice.integer(0, 3), newDevice);
		}
		second.customers.set(id, customer);
	}
	for (let index = 0; index < size; index++) {
		if (dice.happens(added ?? 0)) {
			second.customers.set(`n${index}`, newCustomer());
		}
	}
	const ids = [...second.customers.keys()];
	for (const [id, { devices }] of first.customers) {
		if (ids.length > 1 && dice.happens(moved ?? 0)) {
			moveDevice(second, { devices, id, to: dice.pick(ids) });
		}
	}
	for (const id of dice.happens(0.5) ? first.refused : []) {
		second.refused.add(id);
	}
	if (dice.happens(0.5)) {
		second.refused.add(dice.pick(ids));
	}
	return { first, second };
}

function changeDevices(customer: Customer, kind: number, newDevice: () => readonly [string, string]): void {
	const [[device, number] = ['', ''], ...kept] = customer.devices;
	switch (kind) {
		case 0:
			customer.devices.push(newDevice());
			break;
		case 1:
			customer.devices = [newDevice(), ...kept];
			break;
		case 2:
			customer.devices = [[device, `${number}x`], ...kept];
			break;
		default:
			customer.devices = kept.length > 0 ? kept : [newDevice()];
	}
}

/** Moves the first device of a customer to another customer, unless it has moved already or would be mistyped. */
function moveDevice(
	night: Night,
	{ devices, id, to }: { devices: Customer['devices']; id: string; to: string },
): void {
	const from = night.customers.get(id);
	const target = night.customers.get(to);
	const [moving] = devices;
	if (moving === undefined || target === undefined || from === target || target.isMistyped) {
		return;
	}
	const isElsewhere = [...night.customers].some(([other, customer]) => {
		return other !== id && customer.devices.some(([device]) => device === moving[0]);
	});
	if (isElsewhere || from?.isMistyped === true) {
		return;
	}
	target.devices.push(moving);
	if (from !== undefined) {
		const kept = from.devices.filter(([device]) => device !== moving[0]);
		from.devices = kept;
	}
}

function rowsOf({ customers }: Night): IDataObject[] {
	return [...customers].flatMap(([id, { devices, isMistyped }]) => {
		if (devices.length === 0) {
			return [{ CustomerId: id, CustomerDeviceNo: '', DeviceId: '', ProductName: '' }];
		}
		return devices.map(([device, number], index) => {
			const DeviceId = isMistyped && index === 0 ? 'no slash' : device;
			return row(id, DeviceId, { CustomerDeviceNo: number });
		});
	});
}

type Kind = 'sendable' | 'mistyped' | 'bare';

function kindOf({ devices, isMistyped }: Customer): Kind {
	if (devices.length === 0) {
		return 'bare';
	}
	return isMistyped ? 'mistyped' : 'sendable';
}

const setOf = ({ devices }: Customer) => JSON.stringify(devices.toSorted());

/** The number of valid devices in the rows. */
function countDevices({ customers }: Night): number {
	const named = new Set<string>();
	for (const { devices, isMistyped } of customers.values()) {
		for (const [device] of isMistyped ? devices.slice(1) : devices) {
			named.add(device);
		}
	}
	return named.size;
}

/** The expected results of the second night, from the rows of both nights. */
function judge({ first, second }: World) {
	const before = new Map(
		Array.from(first.customers, ([id, customer]) => {
			const kind = kindOf(customer);
			const isAccepted = kind === 'sendable' && !first.refused.has(id);
			return [id, { customer, kind, isAccepted }] as const;
		}),
	);
	const verdicts = { New: [] as string[], Changed: [] as string[], FailedBefore: [] as string[] };
	const unchanged: string[] = [];
	let judged = 0;
	let differing = 0;
	let planChanged = 0;
	for (const [id, customer] of second.customers) {
		const knownBefore = before.get(id);
		if (kindOf(customer) !== 'sendable') {
			continue;
		}
		const isNew = knownBefore === undefined || knownBefore.kind === 'bare';
		const isSame = knownBefore !== undefined && setOf(knownBefore.customer) === setOf(customer);
		if (knownBefore === undefined || knownBefore.kind === 'sendable') {
			judged++;
			differing += isSame ? 0 : 1;
			planChanged += isSame || isNew ? 0 : 1;
		}
		if (isNew) {
			verdicts.New.push(id);
		} else if (!knownBefore.isAccepted) {
			verdicts.FailedBefore.push(id);
		} else if (isSame) {
			unchanged.push(id);
		} else {
			verdicts.Changed.push(id);
		}
	}
	const ids = (kind: Kind) =>
		[...second.customers].flatMap(([id, customer]) => (kindOf(customer) === kind ? id : []));
	const gone = [...before].filter(([id, { kind }]) => kind !== 'bare' && !second.customers.has(id));
	const lostDevices = ids('bare').filter((id) => before.get(id)?.isAccepted === true);
	const { moves, lost } = followDevices(before, second);
	const toSend = [...verdicts.New, ...verdicts.Changed, ...verdicts.FailedBefore];
	const refused = toSend.filter((id) => second.refused.has(id));
	const accepted = toSend.filter((id) => !second.refused.has(id));
	const failedBefore = (id: string) => {
		const knownBefore = before.get(id);
		return knownBefore !== undefined && knownBefore.kind !== 'bare' && !knownBefore.isAccepted;
	};
	const failing = [...refused, ...ids('mistyped')];
	return {
		verdicts,
		unchanged,
		toSend,
		refused,
		accepted,
		gone,
		goneSendable: gone.filter(([, { kind }]) => kind === 'sendable').length,
		lostDevices,
		moves,
		movedDevices: new Set(moves.map(({ device }) => device)).size,
		lost,
		judged,
		differing,
		planChanged,
		mistyped: ids('mistyped'),
		bare: ids('bare'),
		sendable: ids('sendable').length,
		newlyFailed: failing.filter((id) => !failedBefore(id)),
		stillFailed: failing.filter(failedBefore),
		recovered: [...accepted, ...unchanged].filter(failedBefore),
		customersBefore: before.size,
		devicesBefore: countDevices(first),
		devicesNow: countDevices(second),
		customersNow: second.customers.size,
		withheldBefore: [...before.values()].filter(({ kind }) => kind === 'mistyped').length,
		bareBefore: [...before.values()].filter(({ kind }) => kind === 'bare').length,
	};
}

type Judged = ReturnType<typeof judge>;

/** The accepted devices that are now under another customer, and the number of those that are in no row. */
function followDevices(
	before: ReadonlyMap<string, { customer: Customer; isAccepted: boolean }>,
	second: Night,
): { moves: Array<{ device: string; from: string; to: string }>; lost: number } {
	const owners = new Map<string, string>();
	for (const [id, customer] of second.customers) {
		for (const [device] of kindOf(customer) === 'sendable' ? customer.devices : []) {
			owners.set(device, id);
		}
	}
	const moves: Array<{ device: string; from: string; to: string }> = [];
	let lost = 0;
	for (const [from, { customer, isAccepted }] of before) {
		const now = second.customers.get(from);
		for (const [device] of isAccepted ? customer.devices : []) {
			const to = owners.get(device);
			if (to !== undefined && to !== from) {
				moves.push({ device, from, to });
			} else if (to === undefined && (now === undefined || kindOf(now) !== 'mistyped')) {
				lost++;
			}
		}
	}
	return { moves, lost };
}

/** A sentence with its numbers, in both languages. */
type Sentence = readonly [english: RegExp, chinese: RegExp];

/** The checks that stop the second night, and their sentences. */
function stopsOf(world: Judged): Array<{ code: string; sentence: Sentence }> {
	const isAbove = (limit: number, part: number, whole: number) => 100 * part > limit * whole;
	const isTooFew = (part: number, whole: number) => whole >= CHECKED_FROM && isAbove(STOP_ABOVE, part, whole);
	const stops: Array<{ code: string; sentence: Sentence }> = [];
	const { gone, goneSendable, lostDevices, customersBefore, devicesBefore, devicesNow, customersNow } = world;
	const validBefore = customersBefore - world.withheldBefore - world.bareBefore;
	const isFew =
		isTooFew(gone.length, customersBefore) || isTooFew(goneSendable + lostDevices.length, validBefore);
	if (isFew) {
		const causes = [
			{ count: gone.length, english: 'missing from the rows', chinese: '已不在数据中' },
			{ count: lostDevices.length, english: 'without a device', chinese: '没有设备' },
		];
		const [main, further] = causes.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
		const valid = validBefore === customersBefore ? undefined : validBefore;
		const ofValid = valid === undefined ? '' : `, of which ${valid} had valid rows,`;
		const alsoOf = further === undefined ? '' : ` and ${further.count} ${further.english}`;
		const ofValidZh = valid === undefined ? '' : `（其中 ${valid} 个数据有效）`;
		const alsoZh = further === undefined ? '' : `，${further.count} 个${further.chinese}`;
		stops.push({
			code: 'TOO_FEW_CUSTOMERS',
			sentence: [
				new RegExp(
					`${main?.count} of ${customersBefore} customers${ofValid} are ${main?.english}${alsoOf}, above`,
				),
				new RegExp(
					`原有 ${customersBefore} 个客户${ofValidZh}，${main?.count} 个${main?.chinese}${alsoZh}，超过`,
				),
			],
		});
	} else if (isTooFew(customersBefore - customersNow, customersBefore)) {
		stops.push({
			code: 'TOO_FEW_CUSTOMERS',
			sentence: [
				new RegExp(
					`The rows have ${customersNow} customers; in the last 14 days they had up to ${customersBefore}: a drop`,
				),
				new RegExp(`最近 14 天的最多 ${customersBefore} .*减少到 ${customersNow}`),
			],
		});
	}
	if (
		world.judged >= CHECKED_FROM &&
		customersBefore >= CHECKED_FROM &&
		isAbove(STOP_ABOVE, world.differing, world.judged)
	) {
		const { differing, judged, sendable } = world;
		const isOfAll = judged === sendable;
		stops.push({
			code: 'TOO_MANY_CHANGES',
			sentence: [
				isOfAll
					? new RegExp(`${differing} of ${judged} customers are new or changed, above`)
					: new RegExp(
							`${differing} of ${judged} compared customers \\(${sendable} are in the rows\\) are new or changed`,
						),
				isOfAll
					? new RegExp(`比较的 ${judged} 个客户中 ${differing} 个新增或有变化`)
					: new RegExp(`数据中有 ${sendable} 个客户，比较的 ${judged} 个中 ${differing} 个新增或有变化`),
			],
		});
	}
	if (devicesBefore >= CHECKED_FROM && isAbove(STOP_ABOVE, world.movedDevices, devicesBefore)) {
		stops.push({
			code: 'TOO_MANY_MOVES',
			sentence: [
				new RegExp(`${world.movedDevices} of ${devicesBefore} devices would move to another customer, above`),
				new RegExp(`原有 ${devicesBefore} 台设备，其中 ${world.movedDevices} 台将换到另一个客户`),
			],
		});
	}
	const lostSince = devicesBefore - devicesNow - world.mistyped.length;
	if (world.lost >= CHECKED_FROM && isAbove(STOP_WHEN_DEVICES_DROP, world.lost, devicesBefore)) {
		stops.push({
			code: 'TOO_FEW_DEVICES',
			sentence: [
				new RegExp(`${world.lost} of ${devicesBefore} devices of the last run are in no row, above`),
				new RegExp(`上次的 ${devicesBefore} 台设备中有 ${world.lost} 台已不在任何数据行中`),
			],
		});
	} else if (lostSince >= CHECKED_FROM && isAbove(STOP_ABOVE, lostSince, devicesBefore)) {
		stops.push({
			code: 'TOO_FEW_DEVICES',
			sentence: [
				new RegExp(
					`The rows have ${devicesNow} devices; in the last 14 days they had up to ${devicesBefore}: a drop`,
				),
				new RegExp(`最近 14 天的最多 ${devicesBefore} .*减少到 ${devicesNow}`),
			],
		});
	}
	return stops;
}

const count = (number: number, noun: string) => `${number} ${number === 1 ? noun : `${noun}s`}`;

/** The clauses of the message of a sent night, each with its number; 0 if the clause must be missing. */
function clausesOf(world: Judged): Array<{ number: number; sentence: Sentence }> {
	const { newlyFailed, stillFailed, recovered, refused, mistyped, lostDevices, gone } = world;
	const reportedMoves = world.moves.filter(({ to }) => world.accepted.includes(to));
	const still = newlyFailed.length > 0 ? 'others? failed' : 'customers? still failed';
	const stillZh = newlyFailed.length > 0 ? '另有 (\\d+) 个客户失败' : '(\\d+) 个客户仍然失败';
	return [
		{ number: newlyFailed.length, sentence: [/(\d+) customers? newly failed/, /(\d+) 个客户本次开始失败/] },
		{ number: stillFailed.length, sentence: [new RegExp(`(\\d+) ${still}`), new RegExp(stillZh)] },
		{ number: recovered.length, sentence: [/(\d+) customers? recovered/, /(\d+) 个客户已恢复/] },
		{ number: refused.length, sentence: [/(\d+) refused \(nothing/, /(\d+) 个被拒绝（/] },
		{ number: mistyped.length, sentence: [/(\d+) rows? invalid/, /(\d+) 行数据无效/] },
		{
			number: lostDevices.length,
			sentence: [/(\d+) customers? ha(?:s|ve) no device in the rows/, /(\d+) 个客户已没有设备/],
		},
		{ number: gone.length, sentence: [/(\d+) customers? (?:is|are) no longer/, /(\d+) 个客户已不在数据中/] },
		{
			number: reportedMoves.length,
			sentence: [/(\d+) devices? moved to another/, /(\d+) 台设备已换到另一个客户/],
		},
	];
}

/** Compares reported with expected values. */
class Comparison {
	readonly wrong: string[] = [];

	same(subject: string, actual: unknown, expected: unknown): void {
		if (JSON.stringify(actual) !== JSON.stringify(expected)) {
			this.wrong.push(`${subject} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
		}
	}

	says(text: string, sentence: RegExp): void {
		if (!sentence.test(text)) {
			this.wrong.push(`no ${sentence} in: ${text}`);
		}
	}

	/** Checks the number in a sentence; 0 means that the sentence is missing. */
	counts(text: string, sentence: RegExp, expected: number): void {
		const [, number = '0'] = sentence.exec(text) ?? [];
		if (Number(number) !== expected) {
			this.wrong.push(`${sentence} has ${number}, not ${expected}, in: ${text}`);
		}
	}
}

/** What happened in a world, and what was wrong. */
export interface PlayedWorld {
	seed: number;
	wrong: string[];
	/** The checks that stopped it, or `sent`. */
	seen: string[];
}

/** Plays the worlds of these seeds. */
export async function playWorlds(first: number, worlds: number): Promise<PlayedWorld[]> {
	const played: PlayedWorld[] = [];
	for (let seed = first; seed < first + worlds; seed++) {
		played.push(await playWorld(seed));
	}
	return played;
}

async function playWorld(seed: number): Promise<PlayedWorld> {
	const world = drawWorld(seed);
	const judged = judge(world);
	const comparison = new Comparison();
	let refused: ReadonlySet<string> = world.first.refused;
	const faults = ({ CustomerId = '' }: { CustomerId?: string }) => {
		const fault = { kind: 'error' as const, Code: 'InvalidParameterValue', Message: 'no' };
		return refused.has(CustomerId) ? fault : undefined;
	};
	const { sync, clock } = await syncTimeline({ faults }, { addsUp: false });
	const night = async (rows: IDataObject[], approvedPlan = '') => {
		clock.startMs += 2 * 3_600_000;
		const { success, sent } = await sync(
			rows,
			{ outputItemPer: 'run', pushAgainAfter: 0, concurrency: 1 },
			{
				rowHandling: { rowsWithoutDevice: 'leaveOut' },
				safetyChecks: {
					stopAbove: STOP_ABOVE,
					stopWhenDevicesDrop: STOP_WHEN_DEVICES_DROP,
					approvedPlan,
				},
			},
		);
		return { report: success[0]?.json ?? {}, sent };
	};
	await night(rowsOf(world.first));
	refused = world.second.refused;
	const rows = rowsOf(world.second);
	const stops = stopsOf(judged);
	let second = await night(rows);
	const { Plan } = second.report;
	comparison.same('whether it is stopped', Plan !== undefined, stops.length > 0);
	if (Plan !== undefined) {
		const plan = Plan as IDataObject;
		comparePlan(comparison, { plan, judged, stops, sent: second.sent.length });
		second = await night(rows, String(plan['PlanId']));
		comparison.same('requests after Approve', second.sent.length, plan['Requests']);
	}
	compareReport(comparison, { judged, rows: rows.length, ...second });
	const third = await night(rows);
	const { refused: failing, mistyped } = judged;
	const { Gone, Moved, NewlyFailed, Pushed } = third.report;
	comparison.same('news of the third night', [Gone, Moved, NewlyFailed, Pushed], [0, 0, 0, 0]);
	comparison.same('sent again', third.sent.toSorted(), failing.toSorted());
	comparison.same('still withheld', third.report['Withheld'], mistyped.length);
	return { seed, wrong: comparison.wrong, seen: stops.length > 0 ? stops.map(({ code }) => code) : ['sent'] };
}

function comparePlan(
	comparison: Comparison,
	{
		plan,
		judged,
		stops,
		sent,
	}: { plan: IDataObject; judged: Judged; stops: ReturnType<typeof stopsOf>; sent: number },
): void {
	const { verdicts, planChanged, gone, movedDevices, mistyped, toSend } = judged;
	const { customersBefore, devicesBefore, customersNow, devicesNow } = judged;
	const { Examples: _, PlanId: _id, Text, Code, ...counts } = plan;
	comparison.same('requests of a stopped run', sent, 0);
	comparison.same('the plan', counts, {
		New: verdicts.New.length,
		Changed: planChanged,
		Missing: gone.length,
		MovedDevices: movedDevices,
		Withheld: mistyped.length,
		CustomersBefore: customersBefore,
		DevicesBefore: devicesBefore,
		CustomersNow: customersNow,
		DevicesNow: devicesNow,
		Requests: toSend.length,
	});
	comparison.same(
		'a check',
		stops.some(({ code }) => code === Code),
		true,
	);
	const text = String(Text);
	for (const { sentence } of stops) {
		comparison.says(text, sentence[0]);
		comparison.says(text, sentence[1]);
	}
	const moved = movedDevices > 0 ? `; ${movedDevices} of another customer` : '';
	const movedZh = movedDevices > 0 ? `；其中 ${movedDevices} 台原属其他客户` : '';
	const approvalSentences =
		toSend.length === 0
			? ['\nApprove sends nothing.', '\nApprove：什么都不发送。']
			: [`, once: ${count(toSend.length, 'request')}.`, `共 ${toSend.length} 个请求`];
	const sentences = [
		`Customers: ${customersBefore} before, ${customersNow} now; ${verdicts.New.length} new, ${planChanged} changed, ${gone.length} missing, ${mistyped.length} withheld\n`,
		`客户：之前 ${customersBefore} 个，现在 ${customersNow} 个；新增 ${verdicts.New.length} 个，变化 ${planChanged} 个，缺失 ${gone.length} 个，无法推送 ${mistyped.length} 个\n`,
		`Devices: ${devicesBefore} before, ${devicesNow} now${moved}\n`,
		`设备：之前 ${devicesBefore} 台，现在 ${devicesNow} 台${movedZh}\n`,
		...approvalSentences,
	];
	for (const sentence of sentences) {
		comparison.same(sentence, text.includes(sentence), true);
	}
	const examplesOf = (kind: string) =>
		(plan['Examples'] as IDataObject[]).filter(({ Kind }) => Kind === kind);
	const named = {
		new: verdicts.New.length,
		changed: planChanged,
		moved: movedDevices,
		withheld: mistyped.length,
	};
	for (const [kind, number] of Object.entries(named)) {
		comparison.same(`examples: ${kind}`, examplesOf(kind).length, Math.min(5, number));
	}
}

function compareReport(
	comparison: Comparison,
	{
		judged,
		report,
		sent,
		rows,
	}: { judged: Judged; report: IDataObject; sent: readonly unknown[]; rows: number },
): void {
	const { verdicts, accepted, unchanged, refused, mistyped, bare, gone, lostDevices, moves } = judged;
	const counts = {
		Customers: judged.customersNow,
		Pushed: accepted.length,
		Unchanged: unchanged.length,
		Refused: refused.length,
		Withheld: mistyped.length,
		WithoutDevice: bare.length,
		New: verdicts.New.length,
		Changed: verdicts.Changed.length,
		Waiting: 0,
		FailedBefore: verdicts.FailedBefore.length,
		NewlyFailed: judged.newlyFailed.length,
		Recovered: judged.recovered.length,
		NoLongerWithDevices: lostDevices.length,
		Gone: gone.length,
		Moved: moves.filter(({ to }) => accepted.includes(to)).length,
		InvalidRows: mistyped.length,
		Rows: rows,
		Requests: sent.length,
	};
	const reported = Object.fromEntries(Object.keys(counts).map((name) => [name, report[name]]));
	comparison.same('the report', reported, counts);
	comparison.same('requests', sent.length, judged.toSend.length);
	const text = String(report['Text']);
	for (const { number, sentence } of clausesOf(judged)) {
		comparison.counts(text, sentence[0], number);
		comparison.counts(text, sentence[1], number);
	}
	const total = judged.customersNow - bare.length;
	const done = accepted.length + unchanged.length;
	if (accepted.length > 0) {
		const ofAll = done === total ? `${count(total, 'customer')}` : `${done} of ${count(total, 'customer')}`;
		comparison.says(text, new RegExp(`${ofAll} (?:is|are) up to date, ${accepted.length} pushed now`));
		comparison.says(text, new RegExp(`${total} 个客户中 ${done} 个已是最新，本次推送 ${accepted.length} 个`));
	}
}
