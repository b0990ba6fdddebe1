import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';

import { isObject, type AnswerData } from '../service/response/answer';
import { ask, chosenProduct } from './ask';
import { recordsIn } from '../service/paging';
import { pickedName, pickedValue } from './picked';
import type { Parameters } from '../service/signing/signature';

const PAGE_SIZE = 100;

/** So many pages are looked through for one that has a match; the user can ask for more. */
const MOST_PAGES = 10;

/** A list that a user can pick from. */
interface PickList {
	parameters: Parameters;
	list: string;
	/** The member of a record that is picked. */
	id: string;
	/** What stands behind it in its name. */
	detail?(record: AnswerData): string;
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
		id: 'CustomerId',
		detail: ({ CountryCode, PhoneNumber }) => ` (+${String(CountryCode)} ${String(PhoneNumber)})`,
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
		id: 'DeviceName',
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
			.flatMap((record) => toItem(record as AnswerData, wanted))
			.filter(({ name }) => name.toLowerCase().includes(text));
		if (isOver) return { results };
		if (results.length > 0 || page === MOST_PAGES) return { results, paginationToken: String(offset) };
	}
}

function toItem(record: AnswerData, { id, detail }: PickList): INodeListSearchItems[] {
	const value = pickedValue(record[id]);
	if (value === undefined) return [];
	return [{ name: pickedName(`${value}${detail?.(record) ?? ''}`, value), value }];
}

async function readPage(
	context: ILoadOptionsFunctions,
	{ parameters, list }: PickList,
	Offset: number,
): Promise<{ records: readonly unknown[]; Total: unknown }> {
	const data = await ask(
		context,
		{ ...parameters, Offset, Limit: PAGE_SIZE },
		{
			isDone: (answer) => recordsIn(answer, list)?.every(isObject) === true,
			reads: [list, 'Total'],
		},
	);
	return { records: recordsIn(data, list) ?? [], Total: data.Total };
}
