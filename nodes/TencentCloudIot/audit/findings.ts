const NO_IDS = { ProductId: '', DeviceId: '', CustomerId: '', OrderNo: '', List: '', Nearest: '' };

/** What a finding is about. Ids that are not of its kind are empty; `Nearest` is the DeviceId that was probably meant. */
type Ids = typeof NO_IDS;

/** A difference between the rows and what Tencent lists. */
export interface AuditFinding extends Ids {
	code: AuditCode;
	message: string;
	/** The rows that it concerns; none where no row does, or all do. */
	itemIndexes: readonly number[];
}

export function finding(
	code: AuditCode,
	ids: Partial<Ids>,
	message: string,
	itemIndexes: readonly number[] = [],
): AuditFinding {
	return { code, ...NO_IDS, ...ids, message, itemIndexes };
}

/** The kinds of findings in the order of a report: the member that names one, and what is said behind their number. */
export const KINDS = {
	DEVICE_UNKNOWN: ['DeviceId', 'unknown to Tencent', '在腾讯侧不存在'],
	PRODUCT_NOT_READABLE: ['ProductId', 'not readable', '无法读取'],
	DEVICE_NEVER_ONLINE: ['DeviceId', 'never activated', '从未激活'],
	DEVICE_UNOWNED: ['DeviceId', 'in no row', '不在数据中'],
	CUSTOMER_UNKNOWN: ['CustomerId', 'unknown to Tencent', '在腾讯侧不存在'],
	CUSTOMER_GONE: ['CustomerId', 'in no row', '不在数据中'],
	PHONE_DIFFERS: ['CustomerId', 'with another phone number', '电话号码不一致'],
	CUSTOMER_WITHOUT_ORDER: ['CustomerId', 'without an order', '没有订单'],
	ORDER_WITHOUT_DEVICES: ['OrderNo', 'without devices', '没有对应的设备'],
	LIST_INCOMPLETE: ['List', 'not read completely', '未能完整读取'],
} as const satisfies Record<string, readonly [keyof typeof NOUNS, string, string]>;

export type AuditCode = keyof typeof KINDS;

/** What each of these members names, in two languages. */
export const NOUNS = {
	ProductId: ['product', '个产品'],
	DeviceId: ['device', '台设备'],
	CustomerId: ['customer', '个客户'],
	OrderNo: ['order', '个订单'],
	List: ['list', '个列表'],
} as const;

export const ADVICE: Readonly<Record<AuditCode, string>> = {
	DEVICE_UNKNOWN: "Correct 'DeviceId', or create the device in Tencent's console",
	PRODUCT_NOT_READABLE:
		"Correct the product in 'DeviceId', or link it to this application in Tencent's console",
	DEVICE_NEVER_ONLINE: 'Bring the device online, or correct the row if another one is installed',
	DEVICE_UNOWNED: 'Add it to the rows of its customer, unless it is in stock',
	CUSTOMER_UNKNOWN: "Create the customer, or correct 'CustomerId'",
	CUSTOMER_GONE: 'Check that the rows are complete. The API removes no customer: Tencent keeps its devices',
	PHONE_DIFFERS: 'Correct the number that is wrong',
	CUSTOMER_WITHOUT_ORDER: 'Create the order, if one is due',
	ORDER_WITHOUT_DEVICES: "Add the customer's devices to the rows and push them",
	LIST_INCOMPLETE: 'Run the audit again, at a time when less changes',
};
