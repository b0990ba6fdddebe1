import type { Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import type { DeviceInfo } from '../../nodes/TencentCloudIot/service/devices';
import type { Delivered } from '../../nodes/TencentCloudIot/service/fate';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { audit, type AuditResult } from '../../nodes/TencentCloudIot/audit/audit';
import { subjectOf } from '../../nodes/TencentCloudIot/messages/audit';
import { AuditRows } from '../../nodes/TencentCloudIot/audit/rows';
import { failureWith } from '../support/failures.mts';

export type Entry = Readonly<Record<string, unknown>>;

/** What a service lists, in the order of its lists. A product that it does not have is refused. */
export interface World {
	customers: Entry[];
	orders: Entry[];
	products: Map<string, Entry[]>;
}

/** A row that can be used. */
export interface GoodRow {
	customer: string;
	/** `ProductId/DeviceName`. */
	device: string;
	/** Digits. */
	phone?: string;
}

export const REFUSED = failureWith({ outcome: 'REFUSED', retry: 'never', isFromService: true });

/** What the world shows of one page. */
export function pageOf(world: World, { Action, ProductId, Offset, Limit }: Parameters): Entry | undefined {
	const [member, list] =
		Action === 'ServiceGetCustomerList'
			? ['Customers', world.customers]
			: Action === 'ServiceGetOrderList'
				? ['Orders', world.orders]
				: ['Devices', world.products.get(String(ProductId))];
	if (list === undefined) {
		return undefined;
	}
	return {
		[member as string]: (list as Entry[]).slice(Number(Offset), Number(Offset) + Number(Limit)),
		Total: list.length,
	};
}

/** The rows as the operation reads them. */
export function rowsOf(rows: readonly GoodRow[]): AuditRows {
	const audited = new AuditRows();
	const byCustomer = new Map<string, Map<number, { DeviceInfos: DeviceInfo[] }>>();
	for (const [itemIndex, { customer, device, phone }] of rows.entries()) {
		const info = { CustomerDeviceNo: `n${itemIndex}`, DeviceId: device, ProductName: 'p' };
		byCustomer.set(customer, (byCustomer.get(customer) ?? new Map()).set(itemIndex, { DeviceInfos: [info] }));
		audited.note({
			itemIndex,
			kind: 'own',
			customerId: customer,
			candidates: () => [],
			device: info,
			claimed: [],
			unmapped: () => new Map(),
			findings: [],
		});
		if (phone !== undefined) {
			audited.phones.set(itemIndex, phone);
		}
	}
	for (const [customer, devices] of byCustomer) {
		audited.addCustomer(customer, [...devices.keys()], devices);
	}
	audited.finish([], true, false);
	return audited;
}

/** One audit over a service that answers at once, and each request that it got. */
export async function auditOf(
	rows: AuditRows,
	respond: (
		parameters: Parameters,
	) => Entry | RequestFailure | undefined | Promise<Entry | RequestFailure | undefined>,
	{
		compared = ['Customers', 'Devices'],
		concurrency = 10,
		isOver = () => false,
	}: { compared?: string[]; concurrency?: number; isOver?: () => boolean } = {},
): Promise<{ delivered: Delivered; result: AuditResult; requests: Parameters[] }> {
	const requests: Parameters[] = [];
	const send = async (parameters: Parameters): Promise<Delivered> => {
		requests.push(parameters);
		const response = (await respond(parameters)) ?? REFUSED;
		const outcome = isFailure(response)
			? response
			: ({ outcome: 'OK', data: response, requestId: undefined } as const);
		return { kind: 'answered', outcome, requestIds: [`r${requests.length}`], digest: '' };
	};
	const delivered = await audit(rows, compared, { send, concurrency, isOver });
	const outcome = delivered.kind === 'answered' ? delivered.outcome : delivered.why;
	const result = (outcome.outcome === 'OK' ? outcome.data.audit : undefined) as AuditResult;
	return { delivered, result, requests };
}

function isFailure(response: Entry | RequestFailure): response is RequestFailure {
	return typeof response.outcome === 'string';
}

/** `CODE id` of each finding, and its nearest name. */
export function told({ findings }: AuditResult): string[] {
	return findings.map((one) => {
		return `${one.code} ${subjectOf(one)}${one.Nearest === '' ? '' : ` (${one.Nearest})`}`;
	});
}

export const ofDevice = (DeviceName: string, Status = 1): Entry => ({ DeviceName, Status });
export const ofCustomer = (CustomerId: string, PhoneNumber = '13800138000', CountryCode = '86'): Entry => ({
	CustomerId,
	CountryCode,
	PhoneNumber,
});
export const ofOrder = (CustomerId: string, OrderNo: string): Entry => ({ CustomerId, OrderNo });
