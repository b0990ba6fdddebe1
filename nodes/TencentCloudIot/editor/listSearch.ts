import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import { isObject, type AnswerData } from '../service/answer';
import { ask, chosenProduct } from './ask';
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
	const ProductId = chosenProduct(this, 'devices');
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
	const data = await ask(
		context,
		{ ...parameters, Offset, Limit: PAGE_SIZE },
		(answer) => recordsIn(answer, list)?.every(isObject) === true,
	);
	return { records: recordsIn(data, list) ?? [], Total: data.Total };
}
