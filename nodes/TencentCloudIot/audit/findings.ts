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
} as const satisfies Record<string, readonly [keyof Ids, string, string]>;

export type AuditCode = keyof typeof KINDS;
