import type { Parameters } from '../../nodes/TencentCloudIot/service/signing/signature';
import type { DeviceInfo } from '../../nodes/TencentCloudIot/service/devices';
import type { Delivered } from '../../nodes/TencentCloudIot/service/fate';
import type { RequestFailure } from '../../nodes/TencentCloudIot/service/outcome';
import { audit, type AuditResult } from '../../nodes/TencentCloudIot/audit/audit';
import { KINDS } from '../../nodes/TencentCloudIot/messages/audit';
import { AuditRows } from '../../nodes/TencentCloudIot/audit/rows';
import { failureWith } from '../support/failures.mts';

export type Entry = Readonly<Record<string, unknown>>;

/** The lists of a service, in order. It refuses a product that it does not have. */
export interface World {
	customers: Entry[];
	orders: Entry[];
	products: Map<string, Entry[]>;
}

/** A valid row. */
export interface GoodRow {
	customer: string;
	/** `ProductId/DeviceName`. */
	device: string;
	/** Digits. */
	phone?: string;
}

export const REFUSED = failureWith({ outcome: 'REFUSED', retry: 'never', isFromService: true });

/** The page of a world that a request gets; undefined for a product that it does not have. */
export function pageOf(world: World, { Action, ProductId, Offset, Limit }: Parameters): Entry | undefined {
	const onPage = (list: readonly Entry[]) => list.slice(Number(Offset), Number(Offset) + Number(Limit));
	if (Action === 'ServiceGetCustomerList') {
		return { Customers: onPage(world.customers), Total: world.customers.length };
	}
	if (Action === 'ServiceGetOrderList') {
		return { Orders: onPage(world.orders), Total: world.orders.length };
	}
	const devices = world.products.get(String(ProductId));
	return devices && { Devices: onPage(devices), Total: devices.length };
}

/** The rows as the operation hands them to an audit. */
export function rowsOf(rows: readonly GoodRow[]): AuditRows {
	const audited = new AuditRows();
	const byCustomer = new Map<string, Map<number, { DeviceInfos: DeviceInfo[] }>>();
	for (const [itemIndex, { customer, device, phone }] of rows.entries()) {
		const info = { CustomerDeviceNo: `n${itemIndex}`, DeviceId: device, ProductName: 'p' };
		const ofCustomer = byCustomer.get(customer) ?? new Map<number, { DeviceInfos: DeviceInfo[] }>();
		ofCustomer.set(itemIndex, { DeviceInfos: [info] });
		byCustomer.set(customer, ofCustomer);
		audited.recordRow({
			itemIndex,
			kind: 'own',
			customerId: customer,
			readCandidates: () => [],
			device: info,
			namedDeviceIds: [],
			readUnmappedCells: () => new Map(),
			findings: [],
		});
		if (phone !== undefined) {
			audited.phoneByRow.set(itemIndex, phone);
		}
	}
	for (const [customer, devices] of byCustomer) {
		audited.addCustomer(customer, [...devices.keys()], devices);
	}
	audited.finish([], true, false);
	return audited;
}

/** Audits rows over a service that responds immediately; also returns its requests. `respond` returns a page, a failure, or undefined for a refusal. */
export async function auditOf(
	rows: AuditRows,
	respond: (
		parameters: Parameters,
	) => Entry | RequestFailure | undefined | Promise<Entry | RequestFailure | undefined>,
	{
		compared = ['Customers', 'Devices'],
		concurrency = 10,
		isTimeOver = () => false,
	}: { compared?: string[]; concurrency?: number; isTimeOver?: () => boolean } = {},
): Promise<{ delivered: Delivered; result: AuditResult; requests: Parameters[] }> {
	const requests: Parameters[] = [];
	const send = async (parameters: Parameters): Promise<Delivered> => {
		requests.push(parameters);
		const response = (await respond(parameters)) ?? REFUSED;
		const outcome = isFailure(response)
			? response
			: ({ outcome: 'OK', data: response, requestId: undefined } as const);
		return { kind: 'answered', outcome, requestIds: [`r${requests.length}`], parametersDigest: '' };
	};
	const delivered = await audit(rows, compared, { send, concurrency, isTimeOver });
	const outcome = delivered.kind === 'answered' ? delivered.outcome : delivered.why;
	const result = (outcome.outcome === 'OK' ? outcome.data.audit : undefined) as AuditResult;
	return { delivered, result, requests };
}

function isFailure(response: Entry | RequestFailure): response is RequestFailure {
	return typeof response.outcome === 'string';
}

/** Each finding as `CODE id`, or `CODE id (nearest name)`. */
export function findingsOf({ findings }: AuditResult): string[] {
	return findings.map((finding) => {
		const nearest = finding.Nearest === '' ? '' : ` (${finding.Nearest})`;
		return `${finding.code} ${finding[KINDS[finding.code].subject]}${nearest}`;
	});
}

export const ofDevice = (DeviceName: string, Status = 1): Entry => ({ DeviceName, Status });
export const ofCustomer = (CustomerId: string, PhoneNumber = '13800138000', CountryCode = '86'): Entry => ({
	CustomerId,
	CountryCode,
	PhoneNumber,
});
export const ofOrder = (CustomerId: string, OrderNo: string): Entry => ({ CustomerId, OrderNo });
