import { describe } from '@jest/globals';
import {
	AUDIT_ROWS,
	type AuditCode,
	type AuditCoverage,
	type AuditFinding,
	EMPTY_IDS,
	KINDS,
	sayAudit,
	textsOf,
} from '../../nodes/TencentCloudIot/messages/audit';
import { wordsOf } from '../../nodes/TencentCloudIot/messages/failures';
import { say, ours, type Text } from '../../nodes/TencentCloudIot/messages/text';
import { testScenes, type Told } from './scenes.mts';

const WHOLE = say('{Label} | {Message} | {Advice}', '{Label} | {Message} | {Advice}');

/** The title, the sentences and the advice of a finding. */
function textOf(found: Partial<AuditFinding> & Pick<AuditFinding, 'code'>): Text {
	const texts = textsOf({ ...EMPTY_IDS, itemIndexes: [], ...found });
	return WHOLE({
		Label: ours([texts.Label, texts.LabelZh]),
		Message: ours([texts.Message, texts.MessageZh]),
		Advice: ours([texts.Advice, texts.AdviceZh]),
	});
}

const LOCK = { DeviceId: 'LOCK01/c017-1', CustomerDeviceNo: 'SN-1', CustomerId: 'c017' };

describe('A finding of an audit', () => {
	const kinds: Readonly<Record<AuditCode, Told>> = {
		DEVICE_UNKNOWN: [
			() => textOf({ code: 'DEVICE_UNKNOWN', ...LOCK }),
			"Device unknown to Tencent | Tencent has no device 'LOCK01/c017-1' ('SN-1' of customer 'c017'). | Correct 'DeviceId', or create the device at Tencent",
			'设备在腾讯侧不存在 | 腾讯云没有设备 LOCK01/c017-1（客户 c017 的 SN-1）。 | 更正 DeviceId，或在腾讯云创建该设备',
		],
		PRODUCT_NOT_READABLE: [
			() => textOf({ code: 'PRODUCT_NOT_READABLE', ProductId: 'LOCK01' }),
			"Product not readable | Tencent returns no list of devices for product 'LOCK01'. The list is empty. Nothing is concluded from the list. | Correct the product in 'DeviceId', or link it to this application at Tencent",
			'产品无法读取 | 腾讯云没有给出产品 LOCK01 的设备列表。列表为空。不据此下任何结论。 | 更正 DeviceId 中的产品，或在腾讯云把它关联到本应用',
		],
		DEVICE_NEVER_ONLINE: [
			() => textOf({ code: 'DEVICE_NEVER_ONLINE', ...LOCK }),
			"Device never activated | Device 'LOCK01/c017-1' ('SN-1' of customer 'c017') was never activated. | Bring the device online, or correct the row if another one is installed",
			'设备从未激活 | 设备 LOCK01/c017-1（客户 c017 的 SN-1）从未激活。 | 让设备上线；如果安装的是另一台，请更正数据行',
		],
		DEVICE_UNOWNED: [
			() => textOf({ code: 'DEVICE_UNOWNED', DeviceId: 'LOCK01/x' }),
			"Device in no row | Tencent has device 'LOCK01/x', and no row names it. | Add it to the rows of its customer, unless it is in stock",
			'设备不在数据中 | 腾讯云有设备 LOCK01/x，没有任何行提到它。 | 补到所属客户的数据行，库存设备除外',
		],
		CUSTOMER_UNKNOWN: [
			() => textOf({ code: 'CUSTOMER_UNKNOWN', CustomerId: 'c017' }),
			"Customer unknown to Tencent | Tencent has no customer 'c017'. | Create the customer, or correct 'CustomerId'",
			'客户在腾讯侧不存在 | 腾讯云没有客户 c017。 | 登记该客户，或更正 CustomerId',
		],
		CUSTOMER_GONE: [
			() => textOf({ code: 'CUSTOMER_GONE', CustomerId: 'c017' }),
			"Customer in no row | Tencent has customer 'c017', and no row names it. | Check that the rows are complete. The API removes no customer: Tencent keeps its devices",
			'客户不在数据中 | 腾讯云有客户 c017，没有任何行提到它。 | 检查数据行是否完整。接口不能删除客户，其设备在腾讯侧仍然保留',
		],
		PHONE_DIFFERS: [
			() => textOf({ code: 'PHONE_DIFFERS', CustomerId: 'c017', phones: ['138****8000', '139****9000'] }),
			"Customer with another phone number | The phone number of customer 'c017' is 138****8000 in the rows, 139****9000 at Tencent. | Correct the number that is wrong",
			'客户电话号码不一致 | 客户 c017 的电话号码在数据中是 138****8000，在腾讯侧是 139****9000。 | 更正错误的一方',
		],
		CUSTOMER_WITHOUT_ORDER: [
			() => textOf({ code: 'CUSTOMER_WITHOUT_ORDER', CustomerId: 'c017' }),
			"Customer without an order | Customer 'c017' has no order. | Create the order, if one is due",
			'客户没有订单 | 客户 c017 没有订单。 | 需要时创建订单',
		],
		ORDER_WITHOUT_DEVICES: [
			() => textOf({ code: 'ORDER_WITHOUT_DEVICES', OrderNo: 'A-1', CustomerId: 'c017' }),
			"Order without devices | Order 'A-1' is for customer 'c017', who has no device in the rows. | Add the customer's devices to the rows and push them",
			'订单没有对应的设备 | 订单 A-1 属于客户 c017，其在数据中没有设备。 | 把该客户的设备补到数据行并推送',
		],
		LIST_INCOMPLETE: [
			() => textOf({ code: 'LIST_INCOMPLETE', List: 'Devices LOCK01' }),
			"List not read completely | The list 'Devices LOCK01' is incomplete. It changed while it was read, or its Total does not agree with its entries. Nothing is concluded from the list. | Run the audit again, at a time when less changes; 'Account: Check' shows whether lists can be audited",
			'列表未能完整读取 | 列表 Devices LOCK01 不完整。它在读取时有变化，或与 Total 不符。不据此下任何结论。 | 在变化较少的时候再运行一次；Account: Check 会说明列表能否核对',
		],
	};
	testScenes(kinds);
});

describe('A finding with more facts', () => {
	const failure = wordsOf('RESPONSE_TIMEOUT');
	testScenes([
		[
			'a device that the row may mean',
			() => textOf({ code: 'DEVICE_UNKNOWN', ...LOCK, Nearest: 'LOCK01/C017-1' }),
			"Device unknown to Tencent | Tencent has no device 'LOCK01/c017-1' ('SN-1' of customer 'c017'). It has 'LOCK01/C017-1', which no row names. | Correct 'DeviceId', or create the device at Tencent",
			'设备在腾讯侧不存在 | 腾讯云没有设备 LOCK01/c017-1（客户 c017 的 SN-1）。有 LOCK01/C017-1，没有任何行提到它。 | 更正 DeviceId，或在腾讯云创建该设备',
		],
		[
			'a row that cannot be read',
			() => textOf({ code: 'DEVICE_UNOWNED', DeviceId: 'LOCK01/x', isUnsure: true }),
			"Device in no row | Tencent has device 'LOCK01/x', and no row names it. A row that cannot be read may name it. | Add it to the rows of its customer, unless it is in stock",
			'设备不在数据中 | 腾讯云有设备 LOCK01/x，没有任何行提到它。无法读取的行可能提到它。 | 补到所属客户的数据行，库存设备除外',
		],
		[
			'a list that timed out',
			() => textOf({ code: 'LIST_INCOMPLETE', List: 'Orders', failure }),
			"List not read completely | The list 'Orders' is incomplete. The request timed out before a complete response arrived. Nothing is concluded from the list. | Try again; a longer 'Timeout (Seconds)' may help",
			'列表未能完整读取 | 列表 Orders 不完整。在收到完整响应之前超时。不据此下任何结论。 | 重试，或调高 Timeout (Seconds)',
		],
		[
			'a product whose list timed out',
			() => textOf({ code: 'PRODUCT_NOT_READABLE', ProductId: 'LOCK01', failure }),
			"Product not readable | Tencent returns no list of devices for product 'LOCK01'. The request timed out before a complete response arrived. Nothing is concluded from the list. | Try again; a longer 'Timeout (Seconds)' may help",
			'产品无法读取 | 腾讯云没有给出产品 LOCK01 的设备列表。在收到完整响应之前超时。不据此下任何结论。 | 重试，或调高 Timeout (Seconds)',
		],
		[
			'a product that Tencent does not know',
			() =>
				textOf({
					code: 'PRODUCT_NOT_READABLE',
					ProductId: 'LOCK01',
					failure: { ...failure, isInvalidValue: true },
				}),
			"Product not readable | Tencent returns no list of devices for product 'LOCK01'. The request timed out before a complete response arrived. Nothing is concluded from the list. | Correct the product in 'DeviceId', or link it to this application at Tencent",
			'产品无法读取 | 腾讯云没有给出产品 LOCK01 的设备列表。在收到完整响应之前超时。不据此下任何结论。 | 更正 DeviceId 中的产品，或在腾讯云把它关联到本应用',
		],
		[
			'a list whose request had a wrong value',
			() =>
				textOf({ code: 'LIST_INCOMPLETE', List: 'Orders', failure: { ...failure, isInvalidValue: true } }),
			"List not read completely | The list 'Orders' is incomplete. The request timed out before a complete response arrived. Nothing is concluded from the list. | Try again; a longer 'Timeout (Seconds)' may help",
			'列表未能完整读取 | 列表 Orders 不完整。在收到完整响应之前超时。不据此下任何结论。 | 重试，或调高 Timeout (Seconds)',
		],
		[
			'signs in ids',
			() => textOf({ code: 'CUSTOMER_GONE', CustomerId: "O'Neil <b>*x*</b>" }),
			"Customer in no row | Tencent has customer 'O'Neil <b>*x*</b>', and no row names it. | Check that the rows are complete. The API removes no customer: Tencent keeps its devices",
			"客户不在数据中 | 腾讯云有客户 O'Neil <b>*x*</b>，没有任何行提到它。 | 检查数据行是否完整。接口不能删除客户，其设备在腾讯侧仍然保留",
		],
	]);
});

describe('The items of rows', () => {
	testScenes(
		[
			[
				'a list that is left out',
				() => AUDIT_ROWS.notChosen.message(),
				"It is not known whether Tencent has the customer and the device: 'Compare' leaves out a list.",
				'无法确认腾讯云有该客户和设备：Compare 未选择某个列表。',
			],
			[
				'what to do about it',
				() => AUDIT_ROWS.notChosen.advice(),
				"Add 'Customers' and 'Devices' to 'Compare'",
				'在 Compare 中选择 Customers 和 Devices',
			],
			[
				'another row of the customer',
				() => AUDIT_ROWS.waits(),
				'Because of another row of the same customer: ',
				'因为同一客户的另一行：',
			],
		],
		AUDIT_ROWS,
	);
});

/** Findings by code, with these ids. */
function found(ids: Partial<Record<AuditCode, readonly string[]>>): Parameters<typeof sayAudit>[0] {
	const codes = Object.keys(KINDS) as AuditCode[];
	return codes.map((code) => [code, { Count: ids[code]?.length ?? 0, First: ids[code] ?? [] }]);
}

/** Everything was compared: 2 customers, 1,200 devices. */
const NOTHING = { UnusedRows: 0, ListsNotChosen: [], ListsNotRead: [] };
const COMPLETE: AuditCoverage & { NotListed: number } = {
	Complete: true,
	Compared: { Customers: 2, Devices: 1200, PhoneNumbers: 0, CustomersByOrders: 0 },
	NotCompared: NOTHING,
	NotListed: 0,
};

describe('The number of findings of each kind', () => {
	const counts: Readonly<Record<AuditCode, Told>> = {
		DEVICE_UNKNOWN: [
			() => sayAudit(found({ DEVICE_UNKNOWN: ['P/1'] }), COMPLETE, 3),
			"Audit: 1 device unknown to Tencent ('P/1'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 台设备在腾讯侧不存在（P/1）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		PRODUCT_NOT_READABLE: [
			() => sayAudit(found({ PRODUCT_NOT_READABLE: ['P'] }), COMPLETE, 3),
			"Audit: 1 product not readable ('P'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 个产品无法读取（P）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		DEVICE_NEVER_ONLINE: [
			() => sayAudit(found({ DEVICE_NEVER_ONLINE: ['P/1', 'P/2'] }), COMPLETE, 3),
			"Audit: 2 devices never activated ('P/1', 'P/2'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：2 台设备从未激活（P/1、P/2）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		DEVICE_UNOWNED: [
			() => sayAudit(found({ DEVICE_UNOWNED: ['P/1', 'P/2', 'P/3'] }), COMPLETE, 3),
			"Audit: 3 devices in no row ('P/1', 'P/2', 'P/3'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：3 台设备不在数据中（P/1、P/2、P/3）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		CUSTOMER_UNKNOWN: [
			() => sayAudit(found({ CUSTOMER_UNKNOWN: ['a', 'b', 'c', 'd'] }), COMPLETE, 3),
			"Audit: 4 customers unknown to Tencent ('a', 'b', 'c' and others); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：4 个客户在腾讯侧不存在（a、b、c 等）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		CUSTOMER_GONE: [
			() => sayAudit(found({ CUSTOMER_GONE: ['a'] }), COMPLETE, 0),
			'Audit: 1 customer in no row; 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：1 个客户不在数据中；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		PHONE_DIFFERS: [
			() => sayAudit(found({ PHONE_DIFFERS: ['a'] }), COMPLETE, 3),
			"Audit: 1 customer with another phone number ('a'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 个客户电话号码不一致（a）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		CUSTOMER_WITHOUT_ORDER: [
			() => sayAudit(found({ CUSTOMER_WITHOUT_ORDER: ["O'Neil"] }), COMPLETE, 3),
			"Audit: 1 customer without an order ('O'Neil'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			"核对结果：1 个客户没有订单（O'Neil）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定",
		],
		ORDER_WITHOUT_DEVICES: [
			() => sayAudit(found({ ORDER_WITHOUT_DEVICES: ['A-1'] }), COMPLETE, 3),
			"Audit: 1 order without devices ('A-1'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 个订单没有对应的设备（A-1）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		LIST_INCOMPLETE: [
			() => sayAudit(found({ LIST_INCOMPLETE: ['Orders'] }), COMPLETE, 3),
			"Audit: 1 list not read completely ('Orders'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 个列表未能完整读取（Orders）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
	};
	testScenes(counts);
});

describe('The result of an audit', () => {
	const two = found({ CUSTOMER_GONE: ['a', 'b'], DEVICE_UNKNOWN: ['P/1'] });
	const partly = { ...COMPLETE, Complete: false };
	const oneOfEach = { Customers: 1, Devices: 1, PhoneNumbers: 1, CustomersByOrders: 1 };
	const none = { Customers: 0, Devices: 0, PhoneNumbers: 0, CustomersByOrders: 0 };
	testScenes([
		[
			'no difference',
			() => sayAudit(found({}), COMPLETE, 3),
			'Audit: no differences; 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：未发现差异；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'two kinds',
			() => sayAudit(two, COMPLETE, 3),
			"Audit: 1 device unknown to Tencent ('P/1'); 2 customers in no row ('a', 'b'); 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 台设备在腾讯侧不存在（P/1）；2 个客户不在数据中（a、b）；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'two kinds, in a hint',
			() => sayAudit(two, COMPLETE, 3),
			'Audit: 1 device unknown to Tencent; 2 customers in no row; 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：1 台设备在腾讯侧不存在；2 个客户不在数据中；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
			'hint',
		],
		[
			'two kinds, with names off',
			() => sayAudit(two, COMPLETE, 3),
			'Audit: 1 device unknown to Tencent; 2 customers in no row; 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：1 台设备在腾讯侧不存在；2 个客户不在数据中；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
			'nameless',
		],
		[
			'one of each list',
			() => sayAudit(found({}), { ...COMPLETE, Compared: oneOfEach }, 3),
			'Audit: no differences; 1 customer, 1 device, 1 phone number and the orders of 1 customer compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：未发现差异；共核对 1 个客户、1 台设备、1 个电话号码、1 个客户的订单。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'nothing to compare',
			() => sayAudit(found({}), { ...partly, Compared: none }, 3),
			'Audit: nothing was compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：未核对任何内容。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'a row and two lists that were not compared',
			() =>
				sayAudit(
					found({}),
					{
						...partly,
						NotCompared: { ...NOTHING, UnusedRows: 1, ListsNotChosen: ['Orders', 'Phone Numbers'] },
					},
					3,
				),
			'Audit: no differences in what was compared; 2 customers and 1,200 devices compared; not compared: 1 unused row, Orders (not chosen) and Phone Numbers (not chosen). Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：已核对的内容未发现差异；共核对 2 个客户、1200 台设备；未核对：1 行未使用的数据、Orders（未选择）、Phone Numbers（未选择）。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'rows that were not compared',
			() => sayAudit(found({}), { ...partly, NotCompared: { ...NOTHING, UnusedRows: 1200 } }, 3),
			'Audit: no differences in what was compared; 2 customers and 1,200 devices compared; not compared: 1,200 unused rows. Bindings themselves cannot be read: Tencent may have a device that is not bound',
			'核对结果：已核对的内容未发现差异；共核对 2 个客户、1200 台设备；未核对：1200 行未使用的数据。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'a finding that is only counted',
			() => sayAudit(two, { ...COMPLETE, NotListed: 1 }, 3),
			"Audit: 1 device unknown to Tencent ('P/1'); 2 customers in no row ('a', 'b'); 1 of these is only counted: too many to list; 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 台设备在腾讯侧不存在（P/1）；2 个客户不在数据中（a、b）；其中 1 项因数量过多只计数，未逐项列出；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
		[
			'findings that are only counted',
			() => sayAudit(two, { ...COMPLETE, NotListed: 20_000 }, 3),
			"Audit: 1 device unknown to Tencent ('P/1'); 2 customers in no row ('a', 'b'); 20,000 of these are only counted: too many to list; 2 customers and 1,200 devices compared. Bindings themselves cannot be read: Tencent may have a device that is not bound",
			'核对结果：1 台设备在腾讯侧不存在（P/1）；2 个客户不在数据中（a、b）；其中 20000 项因数量过多只计数，未逐项列出；共核对 2 个客户、1200 台设备。绑定关系本身无法读取：腾讯侧有该设备，不代表已绑定',
		],
	]);
});
