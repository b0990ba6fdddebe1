import { type DataTables, isUnusable } from '../../tables/dataTables';
import { dropOldestLog } from './logTables';

/**
 * The same tables for the state of Sync, which is worth more than old receipts: where the space for all tables is used up, the oldest
 * month of the log is dropped, and the call is tried once more. An `UPDATE` that was refused for space has changed nothing, and one that
 * has taken effect after all names a stamp that is gone.
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
