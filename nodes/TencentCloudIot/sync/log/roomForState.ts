import { type DataTables, isUnusable } from '../../tables/dataTables';
import { dropOldestLog } from './logTables';

/**
 * Makes room for the state of Sync, which is worth more than old receipts: if the space of all Data Tables is used up the oldest month of the
 * log is dropped, and the call is made once more. That is safe, since an `UPDATE` that was refused has changed nothing, and one that took
 * effect after all names a stamp that is gone.
 */
export function withRoomForState(tables: DataTables): DataTables {
	return {
		run: async (steps) => {
			return await tables.run(steps).catch(async (cause: unknown) => {
				const hasRoom = isUnusable(cause, 'full') && (await dropOldestLog(tables));
				return hasRoom ? await tables.run(steps) : await Promise.reject(cause as Error);
			});
		},
	};
}
