import type { Words } from './failures';
import { someIds } from './checks';
import {
	type Fact,
	inClauses,
	ofRows,
	ours,
	say,
	saySentence,
	type Text,
	write,
	writeSentences,
} from './text';

/** Texts for the items that an audit outputs for each row, besides those of its findings. */
export const AUDIT_ROWS = {
	/** For a row that the audit cannot confirm, because the user did not choose the list that would show it. */
	notChosen: {
		message: saySentence(
			"It is not known whether Tencent has the customer and the device: 'Compare' leaves out a list",
			'无法确认腾讯云有该客户和设备：Compare 未选择某个列表',
		),
		advice: say("Add 'Customers' and 'Devices' to 'Compare'", '在 Compare 中选择 Customers 和 Devices'),
	},
	/** Comes before the text of a finding about another row of the same customer, because that finding also withholds this row. */
	waits: say('Because of another row of the same customer: ', '因为同一客户的另一行：'),
};

/** The ids of a finding, all of them empty. Each finding fills in those that it has. */
export const EMPTY_IDS = {
	ProductId: '',
	DeviceId: '',
	CustomerId: '',
	CustomerDeviceNo: '',
	OrderNo: '',
	/** The list of Tencent that shows the difference: `Orders`, `Devices LOCK01`. */
	List: '',
	/** The DeviceId that the row probably meant. */
	Nearest: '',
};

/** A difference between the rows and what Tencent lists, or a list that was not read completely. */
export interface AuditFinding extends Readonly<typeof EMPTY_IDS> {
	code: AuditCode;
	/** The rows that the finding concerns; empty if it concerns none of them, or all. */
	itemIndexes: readonly number[];
	/** Whether the finding may be wrong, because a row that cannot be used may name the customer or device that no valid row names. */
	isUnsure?: boolean;
	/** The phone numbers of the rows and of Tencent, masked. */
	phones?: readonly string[];
	/** Why a list was not read. */
	failure?: (Words & { isInvalidValue?: boolean }) | undefined;
}

/** The facts of a finding's text. */
type FactsOfFinding = Readonly<Record<keyof typeof EMPTY_IDS | 'inRow' | 'atTencent', Fact>>;

/** The texts of a kind of findings. */
interface FindingKind {
	/** Which of its ids a finding is about: for an unknown device the DeviceId, not the CustomerId of its row. */
	subject: 'ProductId' | 'DeviceId' | 'CustomerId' | 'OrderNo' | 'List';
	/** The title of a finding: `Device unknown to Tencent`. */
	label: () => Text;
	/** How many findings of the kind there are, with the first subjects: "2 devices unknown to Tencent ('P/a', 'P/b')". */
	count: (facts: Readonly<Record<'count' | 'ids', Fact>>) => Text;
	/** The sentence of one finding. */
	message: (facts: FactsOfFinding) => Text;
	advice: () => Text;
	/** For a kind that is about a list: why the audit draws no conclusion from it, if no request failed. */
	why?: () => Text;
}

/** The kinds of findings in the order of a report. */
export const KINDS = {
	DEVICE_UNKNOWN: {
		subject: 'DeviceId',
		label: say('Device unknown to Tencent', '设备在腾讯侧不存在'),
		count: say('{count:device} unknown to Tencent{? ({ids})}', '{count} 台设备在腾讯侧不存在{?（{ids}）}'),
		message: saySentence(
			"Tencent has no device '{DeviceId}' ('{CustomerDeviceNo}' of customer '{CustomerId}')",
			'腾讯云没有设备 {DeviceId}（客户 {CustomerId} 的 {CustomerDeviceNo}）',
		),
		advice: say("Correct 'DeviceId', or create the device at Tencent", '更正 DeviceId，或在腾讯云创建该设备'),
	},
	PRODUCT_NOT_READABLE: {
		subject: 'ProductId',
		label: say('Product not readable', '产品无法读取'),
		count: say('{count:product} not readable{? ({ids})}', '{count} 个产品无法读取{?（{ids}）}'),
		message: saySentence(
			"Tencent returns no list of devices for product '{ProductId}'",
			'腾讯云没有给出产品 {ProductId} 的设备列表',
		),
		advice: say(
			"Correct the product in 'DeviceId', or link it to this application at Tencent",
			'更正 DeviceId 中的产品，或在腾讯云把它关联到本应用',
		),
		why: saySentence('The list is empty', '列表为空'),
	},
	DEVICE_NEVER_ONLINE: {
		subject: 'DeviceId',
		label: say('Device never activated', '设备从未激活'),
		count: say('{count:device} never activated{? ({ids})}', '{count} 台设备从未激活{?（{ids}）}'),
		message: saySentence(
			"Device '{DeviceId}' ('{CustomerDeviceNo}' of customer '{CustomerId}') was never activated",
			'设备 {DeviceId}（客户 {CustomerId} 的 {CustomerDeviceNo}）从未激活',
		),
		advice: say(
			'Bring the device online, or correct the row if another one is installed',
			'让设备上线；如果安装的是另一台，请更正数据行',
		),
	},
	DEVICE_UNOWNED: {
		subject: 'DeviceId',
		label: say('Device in no row', '设备不在数据中'),
		count: say('{count:device} in no row{? ({ids})}', '{count} 台设备不在数据中{?（{ids}）}'),
		message: saySentence(
			"Tencent has device '{DeviceId}', and no row names it",
			'腾讯云有设备 {DeviceId}，没有任何行提到它',
		),
		advice: say(
			'Add it to the rows of its customer, unless it is in stock',
			'补到所属客户的数据行，库存设备除外',
		),
	},
	CUSTOMER_UNKNOWN: {
		subject: 'CustomerId',
		label: say('Customer unknown to Tencent', '客户在腾讯侧不存在'),
		count: say('{count:customer} unknown to Tencent{? ({ids})}', '{count} 个客户在腾讯侧不存在{?（{ids}）}'),
		message: saySentence("Tencent has no customer '{CustomerId}'", '腾讯云没有客户 {CustomerId}'),
		advice: say("Create the customer, or correct 'CustomerId'", '登记该客户，或更正 CustomerId'),
	},
	CUSTOMER_GONE: {
		subject: 'CustomerId',
		label: say('Customer in no row', '客户不在数据中'),
		count: say('{count:customer} in no row{? ({ids})}', '{count} 个客户不在数据中{?（{ids}）}'),
		message: saySentence(
			"Tencent has customer '{CustomerId}', and no row names it",
			'腾讯云有客户 {CustomerId}，没有任何行提到它',
		),
		advice: say(
			'Check that the rows are complete. The API removes no customer: Tencent keeps its devices',
			'检查数据行是否完整。接口不能删除客户，其设备在腾讯侧仍然保留',
		),
	},
	PHONE_DIFFERS: {
		subject: 'CustomerId',
		label: say('Customer with another phone number', '客户电话号码不一致'),
		count: say(
			'{count:customer} with another phone number{? ({ids})}',
			'{count} 个客户电话号码不一致{?（{ids}）}',
		),
		message: saySentence(
			"The phone number of customer '{CustomerId}' is {inRow} in the rows, {atTencent} at Tencent",
			'客户 {CustomerId} 的电话号码在数据中是 {inRow}，在腾讯侧是 {atTencent}',
		),
		advice: say('Correct the number that is wrong', '更正错误的一方'),
	},
	CUSTOMER_WITHOUT_ORDER: {
		subject: 'CustomerId',
		label: say('Customer without an order', '客户没有订单'),
		count: say('{count:customer} without an order{? ({ids})}', '{count} 个客户没有订单{?（{ids}）}'),
		message: saySentence("Customer '{CustomerId}' has no order", '客户 {CustomerId} 没有订单'),
		advice: say('Create the order, if one is due', '需要时创建订单'),
	},
	ORDER_WITHOUT_DEVICES: {
		subject: 'OrderNo',
		label: say('Order without devices', '订单没有对应的设备'),
		count: say('{count:order} without devices{? ({ids})}', '{count} 个订单没有对应的设备{?（{ids}）}'),
		message: saySentence(
			"Order '{OrderNo}' is for customer '{CustomerId}', who has no device in the rows",
			'订单 {OrderNo} 属于客户 {CustomerId}，其在数据中没有设备',
		),
		advice: say("Add the customer's devices to the rows and push them", '把该客户的设备补到数据行并推送'),
	},
	LIST_INCOMPLETE: {
		subject: 'List',
		label: say('List not read completely', '列表未能完整读取'),
		count: say('{count:list} not read completely{? ({ids})}', '{count} 个列表未能完整读取{?（{ids}）}'),
		message: saySentence("The list '{List}' is incomplete", '列表 {List} 不完整'),
		advice: say(
			"Run the audit again, at a time when less changes; 'Account: Check' shows whether lists can be audited",
			'在变化较少的时候再运行一次；Account: Check 会说明列表能否核对',
		),
		why: saySentence(
			'It changed while it was read, or its Total does not agree with its entries',
			'它在读取时有变化，或与 Total 不符',
		),
	},
} as const satisfies Record<string, FindingKind>;

export type AuditCode = keyof typeof KINDS;

const NEAREST = saySentence("It has '{Nearest}', which no row names", '有 {Nearest}，没有任何行提到它');
const UNSURE = saySentence('A row that cannot be read may name it', '无法读取的行可能提到它');
const NOTHING_CONCLUDED = saySentence('Nothing is concluded from the list', '不据此下任何结论');

/** Writes a finding in both languages: the title of its kind, what was found, and what to do. */
export function textsOf(finding: AuditFinding) {
	const { code, failure, Nearest, isUnsure, phones: [inRow = '', atTencent = ''] = [] } = finding;
	const { label, message, advice, why }: FindingKind = KINDS[code];
	const ids = Object.keys(EMPTY_IDS).map((name) => [name, ofRows(finding[name as keyof typeof EMPTY_IDS])]);
	const facts = { ...Object.fromEntries(ids), inRow: ofRows(inRow), atTencent: ofRows(atTencent) };
	const sentences = [message(facts)];
	if (why !== undefined) {
		sentences.push(failure?.reason ?? why(), NOTHING_CONCLUDED());
	}
	if (Nearest !== '') {
		sentences.push(NEAREST({ Nearest: ofRows(Nearest) }));
	}
	if (isUnsure === true) {
		sentences.push(UNSURE());
	}
	// A row named the product that the service does not know, so the advice is about rows.
	const isAdviceAboutRows =
		failure === undefined || (code === 'PRODUCT_NOT_READABLE' && failure.isInvalidValue);
	const [Label, LabelZh] = write(label(), 'everything');
	const [Message, MessageZh] = writeSentences(sentences, 'everything');
	const [Advice, AdviceZh] = write(isAdviceAboutRows ? advice() : failure.advice, 'everything');
	return { Label, LabelZh, Message, MessageZh, Advice, AdviceZh };
}

/** How much an audit compared with lists that it read completely, and what it did not compare. */
export interface AuditCoverage {
	Complete: boolean;
	Compared: Record<'Customers' | 'Devices' | 'PhoneNumbers' | 'CustomersByOrders', number>;
	NotCompared: { UnusedRows: number; ListsNotChosen: readonly string[]; ListsNotRead: readonly string[] };
}

/** The number of findings of a kind, and the first subjects. */
type CountedKind = readonly [AuditCode, { Count: number; First: readonly string[] }];

/**
 * The result of an audit in one sentence. It says nothing about bindings: the service has no Action that reads them (product 1465, pages
 * 59062–59079).
 */
const AUDIT_RESULT = say(
	'Audit: {results}. Bindings themselves cannot be read: Tencent may have a device that is not bound',
	'核对结果：{results}。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
);

const RESULTS = {
	noDifferences: say('no differences', '未发现差异'),
	noDifferencesInPart: say('no differences in what was compared', '已核对的内容未发现差异'),
	nothingCompared: say('nothing was compared', '未核对任何内容'),
	compared: say('{list} compared', '共核对 {list}'),
	notCompared: say('not compared: {list}', '未核对：{list}'),
	notListed: say(
		'{count} of these {count|is|are} only counted: too many to list',
		'其中 {count} 项因数量过多只计数，未逐项列出',
	),
};

/** The words for the numbers of things that were compared or not compared. */
const COUNTED = {
	Customers: say('{count:customer}', '{count} 个客户'),
	Devices: say('{count:device}', '{count} 台设备'),
	PhoneNumbers: say('{count:phone number}', '{count} 个电话号码'),
	CustomersByOrders: say('the orders of {count:customer}', '{count} 个客户的订单'),
	unusedRows: say('{count:unused row}', '{count} 行未使用的数据'),
	listNotChosen: say('{list} (not chosen)', '{list}（未选择）'),
};

/**
 * Writes the result of an audit: "Audit: 2 devices unknown to Tencent ('P/a', 'P/b'); …".
 * @param mostIdsPerKind how many ids of each kind the text names. A hint shows `…` instead
 */
export function sayAudit(
	kinds: readonly CountedKind[],
	coverage: AuditCoverage & { NotListed: number },
	mostIdsPerKind: number,
): Text {
	const { Compared, NotCompared, NotListed, Complete } = coverage;
	const foundKinds = kinds.filter(([, { Count }]) => Count > 0);
	const results = foundKinds.map(([code, { Count, First }]) => {
		return KINDS[code].count({ count: Count, ids: someIds(First.slice(0, mostIdsPerKind), Count) });
	});
	if (NotListed > 0) {
		results.push(RESULTS.notListed({ count: NotListed }));
	}
	const counts = Object.entries(Compared) as Array<[keyof typeof Compared, number]>;
	const compared = counts.flatMap(([name, count]) => (count > 0 ? COUNTED[name]({ count }) : []));
	if (compared.length === 0) {
		results.push(RESULTS.nothingCompared());
	} else {
		if (results.length === 0) {
			results.push(Complete ? RESULTS.noDifferences() : RESULTS.noDifferencesInPart());
		}
		results.push(RESULTS.compared({ list: compared }));
	}
	return AUDIT_RESULT({ results: inClauses([...results, ...sayNotCompared(NotCompared)]) });
}

/** How much was not compared. Lists that could not be read are not counted here: each is a finding. */
function sayNotCompared({ UnusedRows, ListsNotChosen }: AuditCoverage['NotCompared']): Text[] {
	const list = ListsNotChosen.map((name) => COUNTED.listNotChosen({ list: ours(name) }));
	if (UnusedRows > 0) {
		list.unshift(COUNTED.unusedRows({ count: UnusedRows }));
	}
	return list.length > 0 ? [RESULTS.notCompared({ list })] : [];
}
