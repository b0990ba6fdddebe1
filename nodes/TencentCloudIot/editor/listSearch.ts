import {
	isResourceLocatorValue,
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { readConnection } from '../service/connection';
import { isObject, type AnswerData } from '../service/answer';
import { askOnce, type HostAnswer } from '../service/delivery/askOnce';
import { describe } from '../service/outcome';
import { recordsIn } from '../service/paging';
import type { Parameters } from '../service/signature';

const PAGE_SIZE = 100;

/** So many pages are looked through for one that has a match; the user can ask for more. */
const MOST_PAGES = 10;

/** A list that a user can pick from. */
interface PickList {
	parameters: Parameters;
	list: string;
	toItem(record: AnswerData): INodeListSearchItems;
	filter: string | undefined;
	/** Where the list goes on: the number of records before. */
	paginationToken: string | undefined;
}

export async function searchCustomers(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await search(this, {
		parameters: { Action: 'ServiceGetCustomerList' },
		list: 'Customers',
		toItem: ({ CustomerId, CountryCode, PhoneNumber }) => ({
			name: `${String(CustomerId)} (+${String(CountryCode)} ${String(PhoneNumber)})`,
			value: String(CustomerId),
		}),
		filter,
		paginationToken,
	});
}

export async function searchDevices(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const product = this.getCurrentNodeParameter('productId', { extractValue: true });
	const ProductId = String(isResourceLocatorValue(product) ? product.value : (product ?? '')).trim();
	if (ProductId === '' || ProductId.startsWith('=')) {
		throw new NodeOperationError(this.getNode(), "Fill in 'Product ID' to list its devices");
	}
	return await search(this, {
		parameters: { Action: 'ServiceGetDeviceList', ProductId },
		list: 'Devices',
		toItem: ({ DeviceName }) => ({ name: String(DeviceName), value: String(DeviceName) }),
		filter,
		paginationToken,
	});
}

/** The service searches by whole values only, so the pages are looked through here. */
async function search(context: ILoadOptionsFunctions, wanted: PickList): Promise<INodeListSearchResult> {
	const text = (wanted.filter ?? '').trim().toLowerCase();
	let offset = Number(wanted.paginationToken ?? 0);
	for (let page = 1; ; page++) {
		const { records, Total } = await readPage(context, wanted, offset);
		offset += records.length;
		const isOver = records.length === 0 || (typeof Total === 'number' && offset >= Total);
		const results = records
			.map((record) => wanted.toItem(record as AnswerData))
			.filter(({ name }) => name.toLowerCase().includes(text));
		if (isOver) return { results };
		if (results.length > 0 || page === MOST_PAGES) return { results, paginationToken: String(offset) };
	}
}

async function readPage(
	context: ILoadOptionsFunctions,
	{ parameters, list }: PickList,
	Offset: number,
): Promise<{ records: readonly unknown[]; Total: unknown }> {
	const outcome = await askOnce(async (endpoint, body) => await post(context, endpoint, body), {
		connection: readConnection(await context.getCredentials('tencentCloudIotApi')),
		parameters: { ...parameters, Offset, Limit: PAGE_SIZE },
		isDone: (data) => recordsIn(data, list)?.every(isObject) === true,
	});
	if (outcome.outcome === 'OK') {
		return { records: recordsIn(outcome.data, list) ?? [], Total: outcome.data.Total };
	}
	// The editor shows the message alone.
	const message = `${describe({ ...outcome, onlyReads: true })} ${outcome.advice}`;
	throw new NodeOperationError(context.getNode(), message);
}

async function post(context: ILoadOptionsFunctions, endpoint: URL, body: string): Promise<HostAnswer> {
	const answer = (await context.helpers.httpRequest({
		method: 'POST',
		url: endpoint.href,
		headers: { 'content-type': 'application/json' },
		body,
		encoding: 'arraybuffer',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout: 15_000,
	})) as { statusCode: number; headers: HostAnswer['headers']; body: ArrayBuffer };
	return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(answer.body) };
}
