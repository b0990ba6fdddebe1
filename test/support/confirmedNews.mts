import { dataTablesBeside, type ProcessedDataTable } from '../../embedded/embeddedEngine.mts';

const TABLE = 'tencent_iot_sync';

/** Removes the news from the rows of Sync nodes, as *Confirm News* does after a message was delivered. */
export function confirmAllNews(processedData: ProcessedDataTable): void {
	const tables = dataTablesBeside(processedData);
	for (const { id, last } of tables.rowsOf(TABLE)) {
		const { news: _, ...members } = JSON.parse(String(last)) as Record<string, unknown>;
		const thisRow = { columnName: 'id', condition: 'eq', value: id } as const;
		tables.edit(TABLE, { type: 'and', filters: [thisRow] }, { last: JSON.stringify(members) });
	}
}
