import { outcomeOf, requestIdsOf, type Delivered } from '../service/fate';
import { notSent, type Failure } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import { finding, KINDS, type AuditFinding } from './findings';
import { customerList, deviceList, orderList, type AuditList } from './lists';
import { readList, type ListResult, type ReadPage } from './readList';
import type { AuditRows } from './rows';

/** How an audit reads. */
export interface AuditReading {
	/** Sends the request of a page to its end. */
	send: (parameters: Parameters) => Promise<Delivered>;
	/** The most pages that are read at once. */
	concurrency: number;
	/** Whether the run's time is over, so that no further page is read. */
	isOver: () => boolean;
}

/** What an audit found. */
export interface AuditResult {
	/** In the order of their kinds. */
	findings: readonly AuditFinding[];
	/** How many entries Tencent lists: NaN where a list was not completely read, none where none was to be. */
	totals: Partial<Record<AuditList['member'], number>>;
}

const NO_TIME = notSent('TIME_OVER', "The time of 'Longest Run (Minutes)' was over.", '');

/**
 * Reads the lists, one after the other, and compares them with the rows: one call of many requests, none of which can write.
 * The `data` of its success has the member `audit`, an `AuditResult`. What fails the whole run leaves no finding.
 */
export async function audit(
	rows: AuditRows,
	compared: readonly string[],
	{ send, concurrency, isOver }: AuditReading,
): Promise<Delivered> {
	const requestIds: string[] = [];
	let pages = 0;
	let failed: Failure | undefined;
	const readPage: ReadPage = async (parameters) => {
		if (isOver()) return { failure: NO_TIME };
		const delivered = await send(parameters);
		requestIds.push(...requestIdsOf(delivered));
		pages++;
		const outcome = outcomeOf(delivered)!;
		if (outcome.outcome === 'OK') return { data: outcome.data };
		if (outcome.scope === 'run') failed ??= outcome.endedBy ?? outcome;
		return { failure: outcome };
	};
	const findings: AuditFinding[] = [];
	const totals: AuditResult['totals'] = {};
	const unknown = new Set<string>();
	const ofDevices = [...rows.products.keys()].map((productId) => deviceList(rows, productId));
	// A list that every application has shows whether the key is right.
	const lists = [customerList(rows), orderList(rows, unknown), ...ofDevices];
	for (const list of lists.filter(({ member }) => compared.includes(member))) {
		const result = await readList(list, readPage, concurrency);
		for await (const one of findingsOf(list, result, rows)) {
			findings.push(one);
			if (one.code === 'CUSTOMER_UNKNOWN') unknown.add(one.CustomerId);
		}
		totals[list.member] = (totals[list.member] ?? 0) + (result.listed?.size ?? NaN);
	}
	const order = Object.keys(KINDS);
	findings.sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
	const data = { audit: { findings, totals } };
	const outcome = failed ?? { outcome: 'OK', data, requestId: requestIds.at(-1) };
	if (failed !== undefined && requestIds.length === 0) return { kind: 'notTried', why: failed, digest: '' };
	return { kind: 'answered', outcome, requestIds, pages, digest: '' };
}

/** What a list says, if it is complete; else that nothing is concluded from it, and why. */
function findingsOf(
	{ parameters, member, compare }: AuditList,
	{ listed, missing, failure }: ListResult,
	{ products }: AuditRows,
): AsyncIterable<AuditFinding> | Iterable<AuditFinding> {
	const { ProductId } = parameters;
	// Whether an empty list is that of a product which is not linked to the application is not documented.
	if (listed !== undefined && (ProductId === undefined || listed.size > 0)) return compare(listed, missing);
	const itemIndexes = [...new Set([...(products.get(ProductId ?? '')?.values() ?? [])].flat())];
	const isRefused = failure?.outcome === 'REFUSED' && failure.retry === 'never' && failure.isFromService;
	const nothing = 'Nothing is concluded from it.';
	if (ProductId !== undefined && (listed !== undefined || isRefused)) {
		const why = failure?.reason ?? 'It is empty.';
		const message = `Tencent gives no list of devices for product '${ProductId}'. ${nothing} ${why}`;
		return [finding('PRODUCT_NOT_READABLE', { ProductId }, message, itemIndexes)];
	}
	const List = ProductId === undefined ? member : `${member} ${ProductId}`;
	const why =
		failure?.reason ?? 'It changed while it was read, or its Total does not agree with its entries.';
	const message = `The list '${List}' is incomplete. ${nothing} ${why}`;
	return [finding('LIST_INCOMPLETE', { List }, message, itemIndexes)];
}
