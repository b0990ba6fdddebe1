import type { Action } from './action.mts';
import { customerActions } from './customerActions.mts';
import { deviceActions } from './deviceActions.mts';
import { deviceControlActions } from './deviceControlActions.mts';
import { deviceDataActions } from './deviceDataActions.mts';
import { orderActions } from './orderActions.mts';
import { reportActions } from './reportActions.mts';

/** Every Action of the simulator, by name. To add one, add an entry in one of these files. */
export const actions: ReadonlyMap<string, Action> = new Map<string, Action>(
	Object.entries({
		...customerActions,
		...deviceActions,
		...deviceControlActions,
		...deviceDataActions,
		...orderActions,
		...reportActions,
	}),
);
