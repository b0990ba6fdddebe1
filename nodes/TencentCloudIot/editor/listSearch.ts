import type { ILoadOptionsFunctions, INodeListSearchItems } from 'n8n-workflow';

import type { PickList } from '../input/fields/editorLists';
import { isObject, type ResponseData } from '../service/response/parseResponse';
import { chosenProduct, query } from './query';
import { recordsIn } from '../service/paging';
import { pickedName, pickedValue } from './picked';
import type { Parameters } from '../service/signing/signature';

const PAGE_SIZE = 100;

/** The most pages that one search reads until it finds a match; the user can load more. */
const MOST_PAGES = 10;

/** Records of the service that a user can pick from. */
interface RecordList {
	parameters: Parameters;
	list: string;
	/** The member of a record that is picked. */
	id: string;
	/** What its name shows after it. */
	detail?(record: ResponseData): string;
}

export const customers: PickList = {
	method: 'searchCustomers',
	search: searchOf(() => ({
		parameters: { Action: 'ServiceGetCustomerList' },
		list: 'Customers',
		id: 'CustomerId',
		detail: ({ CountryCode, PhoneNumber }) => ` (+${String(CountryCode)} ${String(PhoneNumber)})`,
	})),
};

/** The devices of the chosen product. */
export const devices: PickList = {
	method: 'searchDevices',
	search: searchOf((context) => ({
		parameters: { Action: 'ServiceGetDeviceList', ProductId: chosenProduct(context, 'devices') },
		list: 'Devices',
		id: 'DeviceName',
	})),
};

/** The service filters by whole values only, so pages are read and filtered here. */
function searchOf(listOf: (context: ILoadOptionsFunctions) => RecordList): PickList['search'] {
	// The token is where the list goes on: the number of records before.
	return async function (filter = '', paginationToken = '0') {
		const list = listOf(this);
		const text = filter.trim().toLowerCase();
		let offset = Number(paginationToken);
		for (let page = 1; ; page++) {
			const { records, Total } = await readPage(this, list, offset);
			offset += records.length;
			const isOver = records.length === 0 || (typeof Total === 'number' && offset >= Total);
			const results = records
				.flatMap((record) => toItem(record as ResponseData, list))
				.filter(({ name }) => name.toLowerCase().includes(text));
			if (isOver) return { results };
			if (results.length > 0 || page === MOST_PAGES) return { results, paginationToken: String(offset) };
		}
	};
}

function toItem(record: ResponseData, { id, detail }: RecordList): INodeListSearchItems[] {
	const value = pickedValue(record[id]);
	if (value === undefined) return [];
	return [{ name: pickedName(`${value}${detail?.(record) ?? ''}`, value), value }];
}

async function readPage(
	context: ILoadOptionsFunctions,
	{ parameters, list }: RecordList,
	Offset: number,
): Promise<{ records: readonly unknown[]; Total: unknown }> {
	const data = await query(
		context,
		{ ...parameters, Offset, Limit: PAGE_SIZE },
		{
			isDone: (data) => recordsIn(data, list)?.every(isObject) === true,
			reads: [list, 'Total'],
		},
	);
	return { records: recordsIn(data, list) ?? [], Total: data.Total };
}
