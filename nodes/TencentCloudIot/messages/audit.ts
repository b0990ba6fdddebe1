import type { Words } from './failures';
import { filled, joined, NOTHING, type Message, withNames } from './message';
import { counted, listed } from './words';
import { say, write } from './text';

/** The ids that a finding is about. Those that its kind does not have are empty. */
export const NO_IDS = {
	ProductId: '',
	DeviceId: '',
	CustomerId: '',
	CustomerDeviceNo: '',
	OrderNo: '',
	/** The list that was read for it: `Orders`, `Devices LOCK01`. */
	List: '',
	/** The DeviceId that was probably meant. */
	Nearest: '',
};

/** A difference between the rows and what Tencent lists, or a list that was not read to its end. */
export interface AuditFinding extends Readonly<typeof NO_IDS> {
	code: AuditCode;
	/** The rows that it concerns; empty if no row does, or all do. */
	itemIndexes: readonly number[];
	/** Whether a row that cannot be read may name it after all. */
	isUnsure?: boolean;
	/** The phone numbers of the rows and of Tencent, masked. */
	phones?: readonly string[];
	/** Why a list was not read. */
	failure?: (Words & { isInvalidValue?: boolean }) | undefined;
}

/** What each of these members names, and in Chinese its measure word. */
const NOUNS = {
	ProductId: ['product', '个', '产品'],
	DeviceId: ['device', '台', '设备'],
	CustomerId: ['customer', '个', '客户'],
	OrderNo: ['order', '个', '订单'],
	List: ['list', '个', '列表'],
} as const;

/** The texts of a kind of findings. */
interface Kind {
	/** The member that names what it is about. */
	subject: keyof typeof NOUNS;
	/** What its subjects are: `unknown to Tencent`, as in "2 devices unknown to Tencent". */
	state: Message;
	/** The text of one finding, with its members. */
	message: Message;
	advice: Message;
	/** Why nothing is concluded from a list although no request failed. */
	why?: Message;
}

/** The kinds of findings in the order of a report. */
export const KINDS = {
	DEVICE_UNKNOWN: {
		subject: 'DeviceId',
		state: ['unknown to Tencent', '在腾讯侧不存在'],
		message: [
			"Tencent has no device '{DeviceId}' ('{CustomerDeviceNo}' of customer '{CustomerId}').",
			'腾讯云没有设备 {DeviceId}（客户 {CustomerId} 的 {CustomerDeviceNo}）。',
		],
		advice: ["Correct 'DeviceId', or create the device at Tencent", '更正 DeviceId，或在腾讯云创建该设备'],
	},
	PRODUCT_NOT_READABLE: {
		subject: 'ProductId',
		state: ['not readable', '无法读取'],
		message: [
			"Tencent gives no list of devices for product '{ProductId}'.",
			'腾讯云没有给出产品 {ProductId} 的设备列表。',
		],
		advice: [
			"Correct the product in 'DeviceId', or link it to this application at Tencent",
			'更正 DeviceId 中的产品，或在腾讯云把它关联到本应用',
		],
		why: ['It is empty.', '列表为空。'],
	},
	DEVICE_NEVER_ONLINE: {
		subject: 'DeviceId',
		state: ['never activated', '从未激活'],
		message: [
			"Device '{DeviceId}' ('{CustomerDeviceNo}' of customer '{CustomerId}') was never activated.",
			'设备 {DeviceId}（客户 {CustomerId} 的 {CustomerDeviceNo}）从未激活。',
		],
		advice: [
			'Bring the device online, or correct the row if another one is installed',
			'让设备上线；如果安装的是另一台，请更正数据行',
		],
	},
	DEVICE_UNOWNED: {
		subject: 'DeviceId',
		state: ['in no row', '不在数据中'],
		message: [
			"Tencent has device '{DeviceId}', and no row names it.",
			'腾讯云有设备 {DeviceId}，没有任何行提到它。',
		],
		advice: [
			'Add it to the rows of its customer, unless it is in stock',
			'补到所属客户的数据行，库存设备除外',
		],
	},
	CUSTOMER_UNKNOWN: {
		subject: 'CustomerId',
		state: ['unknown to Tencent', '在腾讯侧不存在'],
		message: ["Tencent has no customer '{CustomerId}'.", '腾讯云没有客户 {CustomerId}。'],
		advice: ["Create the customer, or correct 'CustomerId'", '登记该客户，或更正 CustomerId'],
	},
	CUSTOMER_GONE: {
		subject: 'CustomerId',
		state: ['in no row', '不在数据中'],
		message: [
			"Tencent has customer '{CustomerId}', and no row names it.",
			'腾讯云有客户 {CustomerId}，没有任何行提到它。',
		],
		advice: [
			'Check that the rows are complete. The API removes no customer: Tencent keeps its devices',
			'检查数据行是否完整。接口不能删除客户，其设备在腾讯侧仍然保留',
		],
	},
	PHONE_DIFFERS: {
		subject: 'CustomerId',
		state: ['with another phone number', '电话号码不一致'],
		message: [
			"The phone number of customer '{CustomerId}' is {inRow} in the rows, {atTencent} at Tencent.",
			'客户 {CustomerId} 的电话号码在数据中是 {inRow}，在腾讯侧是 {atTencent}。',
		],
		advice: ['Correct the number that is wrong', '更正错误的一方'],
	},
	CUSTOMER_WITHOUT_ORDER: {
		subject: 'CustomerId',
		state: ['without an order', '没有订单'],
		message: ["Customer '{CustomerId}' has no order.", '客户 {CustomerId} 没有订单。'],
		advice: ['Create the order, if one is due', '需要时创建订单'],
	},
	ORDER_WITHOUT_DEVICES: {
		subject: 'OrderNo',
		state: ['without devices', '没有对应的设备'],
		message: [
			"Order '{OrderNo}' is for customer '{CustomerId}', who has no device in the rows.",
			'订单 {OrderNo} 属于客户 {CustomerId}，其在数据中没有设备。',
		],
		advice: ["Add the customer's devices to the rows and push them", '把该客户的设备补到数据行并推送'],
	},
	LIST_INCOMPLETE: {
		subject: 'List',
		state: ['not read completely', '未能完整读取'],
		message: ["The list '{List}' is incomplete.", '列表 {List} 不完整。'],
		advice: [
			"Run the audit again, at a time when less changes; 'Account: Check' shows whether lists can be audited",
			'在变化较少的时候再运行一次；Account: Check 会说明列表能否核对',
		],
		why: [
			'It changed while it was read, or its Total does not agree with its entries.',
			'它在读取时有变化，或与 Total 不符。',
		],
	},
} as const satisfies Record<string, Kind>;

export type AuditCode = keyof typeof KINDS;

const AS_SENTENCE = say('{reason}', '{reason}。');
const NEAREST: Message = [" It has '{Nearest}', which no row names.", '有 {Nearest}，没有任何行提到它。'];
const UNSURE: Message = [' A row that cannot be read may name it.', '无法读取的行可能提到它。'];
const NOTHING_CONCLUDED: Message = [' Nothing is concluded from it. {why}', '不据此下任何结论。{why}'];

/** What names a finding: `LOCK01/d3`. */
export function subjectOf(found: AuditFinding): string {
	return found[KINDS[found.code].subject];
}

/** A finding in words, in both languages: what its kind is called, what was found, and what to do. */
export function textsOf(found: AuditFinding) {
	const { code, failure, Nearest, isUnsure, phones: [inRow, atTencent] = [] } = found;
	const { subject, state, message, advice, why }: Kind = KINDS[code];
	const [noun, , chinese] = NOUNS[subject];
	const reasons = failure === undefined ? why : write(AS_SENTENCE({ reason: failure.reason }), 'everything');
	const sentences = [message];
	if (why !== undefined) {
		sentences.push(NOTHING_CONCLUDED);
	}
	if (Nearest !== '') {
		sentences.push(NEAREST);
	}
	if (isUnsure === true) {
		sentences.push(UNSURE);
	}
	const fill = (language: 0 | 1) => {
		const facts = { ...found, inRow, atTencent, why: reasons?.[language] };
		return filled(sentences.map((sentence) => sentence[language]).join(''), facts);
	};
	// A product that the service does not know comes from a row.
	const isOfRow = failure === undefined || (code === 'PRODUCT_NOT_READABLE' && failure.isInvalidValue);
	const [Advice, AdviceZh] = isOfRow ? advice : write(failure.advice, 'everything');
	const Label = `${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${state[0]}`;
	const LabelZh = `${chinese}${state[1]}`;
	return { Label, LabelZh, Message: fill(0), MessageZh: fill(1), Advice, AdviceZh };
}

/** Of a row that only a list could confirm which was not chosen. */
export const LIST_NOT_CHOSEN = {
	Code: 'LIST_NOT_CHOSEN',
	Nearest: '',
	Message: "It is not known whether Tencent has customer and device: 'Compare' leaves out a list.",
	MessageZh: '无法确认腾讯云有该客户和设备：Compare 未选择某个列表。',
	Advice: "Add 'Customers' and 'Devices' to 'Compare'",
	AdviceZh: '在 Compare 中选择 Customers 和 Devices',
};

/** Put before the finding of another row of the same customer. */
export const WAITS: Message = ['It waits for what is unknown of its customer. ', '等待同一客户未知的内容。'];

/** How much an audit compared with lists that it read completely, and what it did not compare. */
export interface AuditCoverage {
	Complete: boolean;
	Compared: Record<'Customers' | 'Devices' | 'PhoneNumbers' | 'CustomersByOrders', number>;
	NotCompared: { UnusedRows: number; ListsNotChosen: readonly string[]; ListsNotRead: readonly string[] };
}

/** The number of findings of a kind, and the first subjects. */
export type FoundKind = readonly [AuditCode, { Count: number; First: readonly string[] }];

/** The service has no Action that reads bindings (product 1465, pages 59062–59079). */
const NOT_PROVEN: Message = [
	'Bindings themselves cannot be read: a device that Tencent has need not be bound',
	'绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
];

/** "Audit: 2 devices unknown to Tencent ('P/a', 'P/b'); …", naming the first of each kind; a hint names none. */
export function sayAudit(
	kinds: readonly FoundKind[],
	coverage: AuditCoverage & { NotListed: number },
	named: number,
): Message {
	const found = kinds.flatMap(([code, { Count, First }]) => {
		const { subject, state } = KINDS[code];
		const behind: Message = [` ${state[0]}`, state[1]];
		return countOf(Count, NOUNS[subject], withNames(behind, First.slice(0, named), Count));
	});
	const noDifference: Message = coverage.Complete
		? ['no differences', '未发现差异']
		: ['no differences in what was compared', '已核对的内容未发现差异'];
	const results = found.length > 0 ? found : [noDifference];
	const [english, chinese] = joined([...results, ...sayCoverage(coverage)]);
	return [`Audit: ${english}. ${NOT_PROVEN[0]}`, `核对结果：${chinese}。${NOT_PROVEN[1]}`];
}

/** Lists that could not be read are findings. */
function sayCoverage({ Compared, NotCompared, NotListed }: AuditCoverage & { NotListed: number }): Message[] {
	const compared = [
		...countOf(Compared.Customers, NOUNS.CustomerId),
		...countOf(Compared.Devices, NOUNS.DeviceId),
		...countOf(Compared.PhoneNumbers, ['phone number', '个', '电话号码']),
		...countOf(Compared.CustomersByOrders, NOUNS.CustomerId, ['', '的订单'], 'the orders of '),
	];
	const notCompared = [
		...countOf(NotCompared.UnusedRows, ['unused row', '行', '未使用的数据']),
		...NotCompared.ListsNotChosen.map((list): Message => [`${list} (not chosen)`, `${list}（未选择）`]),
	];
	const messages: Message[] = [];
	if (compared.length === 0) {
		messages.push(['nothing was compared', '未核对任何内容']);
	} else {
		const [english, chinese] = inOne(compared);
		messages.push([`${english} compared`, `共核对 ${chinese}`]);
	}
	if (notCompared.length > 0) {
		const [english, chinese] = inOne(notCompared);
		messages.push([`not compared: ${english}`, `未核对：${chinese}`]);
	}
	if (NotListed > 0) {
		messages.push([
			`${NotListed.toLocaleString('en-US')} of these ${NotListed === 1 ? 'is' : 'are'} counted, being too many to list`,
			`其中 ${NotListed} 项因数量过多只计数，未逐项列出`,
		]);
	}
	return messages;
}

/** "2 devices", if there are any. */
function countOf(
	count: number,
	[noun, measure, chinese]: readonly [string, string, string],
	[behind, behindZh] = NOTHING,
	before = '',
): Message[] {
	if (count === 0) {
		return [];
	}
	return [[`${before}${counted(count, noun)}${behind}`, `${count} ${measure}${chinese}${behindZh}`]];
}

function inOne(parts: readonly Message[]): Message {
	return [listed(parts.map(([english]) => english)), parts.map(([, chinese]) => chinese).join('、')];
}
