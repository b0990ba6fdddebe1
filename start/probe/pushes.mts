import type { INodeParameters } from 'n8n-workflow';
import type { PushFindings } from '../../simulator/like/transcript.mts';
import { InputError } from '../inputError.mts';
import { runRows } from '../runRows.mts';
import type { Ask, OutputStream, Terminal } from '../terminal.mts';
import { checkDevices } from './settings.mts';
import type { GivenTest } from './settings.mts';
import type { Target } from './target.mts';

/** Two customers whose devices may be changed, and the one or two devices to push for them. */
interface TestPlan {
	readonly customers: readonly [string, string];
	readonly devices: readonly [string, ...string[]];
	readonly productName: string | undefined;
}

/** One push of one device. */
interface PlannedPush {
	/** Which of the two customers. */
	readonly customer: 'A' | 'B';
	/** Which of the devices. */
	readonly device: 1 | 2;
}

/** A push that was sent. It names neither the customer nor the device: the report is shown to others. */
export interface SentPush extends PlannedPush {
	readonly outcome: 'OK' | 'REFUSED' | 'NOT_SENT' | 'UNKNOWN';
	/** The service's or the node's code; empty if the push was accepted. */
	readonly code: string;
	/** For a ticket at Tencent. */
	readonly requestId: string;
}

/** What the pushes showed. */
export interface PushTest {
	readonly pushes: readonly SentPush[];
	readonly findings: PushFindings;
	/** What the user saw of customer A's devices after the pushes; undefined if nobody has looked yet. */
	readonly seen: Seen | undefined;
}

/** Which devices the user sees at a customer. */
export type Seen = 'none' | 'first' | 'second' | 'both' | 'notShown';

const REPLIES: Readonly<Record<string, Seen>> = {
	1: 'none',
	2: 'first',
	3: 'second',
	4: 'both',
	5: 'notShown',
};

/** A service that is not on this machine gets one request per second. Milliseconds. */
const PAUSE_MS = 1_000;

/**
 * The pushes, in order. With two devices, pushing the second one for the same customer shows whether a push replaces or adds,
 * and pushing it for another customer shows who has it then. With one device only the latter shows, and the repeated push shows
 * whether a set may be sent twice.
 */
function pushesOf({ devices }: TestPlan): readonly PlannedPush[] {
	const repeatedOrSecond = devices.length === 2 ? 2 : 1;
	return [
		{ customer: 'A', device: 1 },
		{ customer: 'A', device: repeatedOrSecond },
		{ customer: 'B', device: repeatedOrSecond },
	];
}

/**
 * Asks for test customers and devices, shows the planned pushes, and sends them after a typed "yes".
 *
 * @param scheme how the service signs lists: if it is set, each push is one request
 * @returns undefined if nothing was pushed
 */
export async function offerPushes(
	given: GivenTest,
	scheme: string,
	target: Target,
	{ ask, stderr, isLocal }: Pick<Terminal, 'ask' | 'stderr'> & { readonly isLocal: boolean },
): Promise<PushTest | undefined> {
	if (ask === undefined) {
		return undefined;
	}
	const plan = await readPlan(given, ask, stderr);
	if (plan === undefined) {
		return undefined;
	}
	const planned = pushesOf(plan);
	stderr.write(describePlan(plan, planned, target));
	const reply = await ask('Type yes to send them / 输入 yes 发送: ');
	if (reply !== 'yes') {
		stderr.write('Nothing was pushed. / 未推送。\n');
		return undefined;
	}
	const pushes: SentPush[] = [];
	for (const push of planned) {
		if (!isLocal) {
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
		pushes.push(await send(push, plan, scheme, target));
	}
	const seen = await askWhatIsSeen(plan, pushes, ask);
	return { pushes, seen, findings: conclude(pushes, seen) };
}

async function readPlan(given: GivenTest, ask: Ask, stderr: OutputStream): Promise<TestPlan | undefined> {
	if (given.customers.length === 0) {
		stderr.write(
			'Three pushes would show whether a push replaces or adds. They change the devices of two test customers.\n' +
				'三次推送可以得知推送是替换还是追加，会更改两个测试客户的设备。\n',
		);
	}
	const [
		customerA = await ask('Test customer A, its CustomerId (Enter = no pushes / 回车跳过): '),
		customerB = customerA === '' ? '' : await ask('Test customer B: '),
	] = given.customers;
	if (customerA === '' || customerB === '') {
		return undefined;
	}
	if (customerA === customerB) {
		throw new InputError('The test customers must be two different ones.');
	}
	const { devices: givenDevices, productName } = given;
	const first = givenDevices[0] ?? (await ask('Test device 1, as ProductId/DeviceName: '));
	if (first === '') {
		return undefined;
	}
	const isAsked = givenDevices.length === 0;
	const second = isAsked ? await ask('Test device 2 (Enter = none / 回车跳过): ') : (givenDevices[1] ?? '');
	const devices = second === '' ? ([first] as const) : ([first, second] as const);
	checkDevices(devices);
	return { customers: [customerA, customerB], devices, productName };
}

function describePlan(plan: TestPlan, planned: readonly PlannedPush[], target: Target): string {
	const lines = planned.map(
		(push, index) => `  ${index + 1}. customer ${idOf(push, plan)} gets the device ${deviceOf(push, plan)}`,
	);
	const title = `These pushes go to ${target.name} and change what the test customers have there:`;
	return `${[title, '以下推送会更改测试客户的设备：', ...lines].join('\n')}\n`;
}

function idOf({ customer }: PlannedPush, { customers: [customerA, customerB] }: TestPlan): string {
	return customer === 'A' ? customerA : customerB;
}

function deviceOf({ device }: PlannedPush, { devices: [first, second = first] }: TestPlan): string {
	return device === 1 ? first : second;
}

async function send(
	push: PlannedPush,
	plan: TestPlan,
	scheme: string,
	{ credentials }: Target,
): Promise<SentPush> {
	const deviceId = deviceOf(push, plan);
	const [productId = '', deviceName = ''] = deviceId.split('/');
	const row = {
		CustomerId: idOf(push, plan),
		CustomerDeviceNo: deviceName,
		DeviceId: deviceId,
		ProductName: plan.productName ?? productId,
	};
	const columns: INodeParameters = { mappingMode: 'autoMapInputData', value: null };
	const { pushed, failed } = await runRows([row], {
		operation: 'push',
		columns,
		// A test customer may have a phone number as its id, and refusals should be seen without retries.
		chosen: { rowHandling: { phoneIds: 'digits' }, options: { maxAttempts: 1 } },
		credentials: { ...credentials, nestedRule: scheme, allowedActions: 'everything' },
	});
	const accepted = pushed[0];
	if (accepted !== undefined) {
		return { ...push, outcome: 'OK', code: '', requestId: accepted.RequestId ?? '' };
	}
	const failure = failed[0];
	return {
		...push,
		outcome: failure?.outcome ?? 'NOT_SENT',
		code: failure?.code ?? '',
		requestId: failure?.RequestId ?? '',
	};
}

async function askWhatIsSeen(
	plan: TestPlan,
	pushes: readonly SentPush[],
	ask: Ask,
): Promise<Seen | undefined> {
	if (!pushes.some(({ outcome }) => outcome === 'OK')) {
		return undefined;
	}
	const [first, second = first] = plan.devices;
	const hasTwo = plan.devices.length === 2;
	const ofOne = [`2 = ${first}`];
	const ofTwo = [`2 = only ${first}`, `3 = only ${second}`, '4 = both / 两个都有'];
	const ofDevices = hasTwo ? ofTwo : ofOne;
	const choices = [
		'1 = none / 没有',
		...ofDevices,
		'5 = devices of a customer are not shown / 不显示客户的设备',
		'Enter = later / 稍后',
	];
	const reply = await ask(
		`Which of the test devices does customer ${plan.customers[0]} have now, by the console or by Tencent's reply to a ticket?\n` +
			`客户 ${plan.customers[0]} 现在有哪些测试设备（以控制台或工单答复为准）？\n${choices.join('\n')}\n> `,
	);
	return REPLIES[reply];
}

/**
 * Concludes from the outcomes and from customer A's devices. The last push gave a device of A to another customer: if A lost it,
 * devices move. Only the first device, which nobody else got, shows whether a push replaces.
 */
export function conclude(pushes: readonly SentPush[], seen: Seen | undefined): PushFindings {
	const [first, second, third] = pushes;
	const hasTwo = second?.device === 2;
	const isRefused = third?.outcome === 'REFUSED' && first?.outcome === 'OK';
	const isKnown = seen !== undefined && seen !== 'notShown' && second?.outcome === 'OK';
	const hasFirst = seen === 'first' || seen === 'both';
	const hasPassedOn = hasTwo ? seen === 'second' || seen === 'both' : hasFirst;
	const findings: { -readonly [K in keyof PushFindings]: PushFindings[K] } = {};
	if (isKnown && hasTwo) {
		findings.furtherPush = hasFirst ? 'adds' : 'replaces';
	}
	if (isRefused) {
		findings.deviceOfAnother = 'refused';
	} else if (isKnown && third?.outcome === 'OK') {
		findings.deviceOfAnother = hasPassedOn ? 'shared' : 'moves';
	}
	return findings;
}
