import { ADVICE, REASONS } from '../messages/reasons';
import { ours, type Text } from '../messages/text';
import { notSent, type Failure, type ResponseData } from './outcome';
import { recordsIn } from './paging';
import type { Parameters } from './signing/signature';

/**
 * ServiceGetCustomerList needs no parameter of its own and changes nothing (product 1465, page 59064). Its success proves
 * that App Key, App Secret and clock are right. Without nested values every scheme signs it the same way.
 */
export const HARMLESS_READ = { Action: 'ServiceGetCustomerList', Limit: 1 } as const satisfies Parameters;

/**
 * The same read with a nested parameter that the Action does not have. The signature has to cover it, so an accepted request shows how
 * nested values are signed, unless the service signs only the parameters that the Action has.
 */
export const HARMLESS_READ_WITH_LIST = {
	...HARMLESS_READ,
	DeviceInfos: [{ CustomerDeviceNo: '0', DeviceId: 'Product/Device', ProductName: 'Product' }],
} as const satisfies Parameters;

/** Whether a response to `HARMLESS_READ` proves its success. */
export function isHarmlessReadDone(data: ResponseData): boolean {
	return recordsIn(data, 'Customers') !== undefined || typeof data.Total === 'number';
}

/**
 * All Actions of the API (product 1465, pages 59062–59079), and the effect of sending a request twice: `read` changes nothing,
 * `idempotent` has the same result as sending it once, and `once` must not be repeated, so it is not retried when its response
 * was lost.
 */
export const EFFECTS = {
	ServiceGetCustomerList: 'read',
	// The CustomerId is the key: a second request with the same one cannot create a second customer.
	ServiceCreateCustomer: 'idempotent',
	ServiceDescribeDevice: 'read',
	ServiceGetDeviceList: 'read',
	// A property may start something, e.g. unlock a door, which the device would then do twice.
	ServiceControlDeviceData: 'once',
	ServiceCallDeviceActionSync: 'once',
	ServiceCallDeviceActionAsync: 'once',
	ServiceBindDevice: 'idempotent',
	ServiceDescribeDeviceData: 'read',
	ServiceDescribeDeviceDataHistory: 'read',
	ServiceListEventHistory: 'read',
	// A report carries its own time: sent twice, it is the same measurement.
	ServiceReportDeviceData: 'idempotent',
	// A report of a state, not of a change: sent twice, it leaves the same state.
	ServiceReportDeviceState: 'idempotent',
	ServiceGetInsurancePageURL: 'read',
	// An order consumes quota, and no page says that Tencent rejects an OrderNo that it already has.
	ServiceCreateOrder: 'once',
	ServiceGetOrderList: 'read',
	ServiceDescribeModelDefinition: 'read',
} as const satisfies Record<string, 'read' | 'idempotent' | 'once'>;

export type Action = keyof typeof EFFECTS;

/** Reads whose responses hold keys and certificates of devices (product 1465, page 59061). */
const READS_WITH_SECRETS: ReadonlySet<unknown> = new Set<Action>([
	'ServiceDescribeDevice',
	'ServiceGetDeviceList',
]);

/** The values of the credential's 'Allowed Actions', and their names in the panel. */
export const ALLOWED_ACTIONS = {
	everything: 'Everything',
	noLiveActions: 'No Live Orders and No Device Actions',
	readsOnly: 'Reads Only',
} as const;

type AllowedActions = keyof typeof ALLOWED_ACTIONS;

/** What a new credential allows. */
export const DEFAULT_ALLOWED: AllowedActions = 'noLiveActions';

/** Whether an order for the item consumes purchased quota: all but test orders (`D-…`) do (product 1465, pages 59062–59079). */
export function isLiveItem(itemId: unknown): boolean {
	return typeof itemId !== 'string' || !itemId.startsWith('D-');
}

/**
 * Why the credential does not allow a request; undefined if it does. An Action that `EFFECTS` does not name may do anything.
 * A server in Go ignores the case of member names and takes the last of duplicates, so each member named Action or ItemId in any case is
 * checked.
 * @param parameters the Action and its own parameters, e.g. `{ Action: 'ServiceCreateOrder', ItemId: 'D-CarInsurance2021' }`
 * @param showsSecrets whether the caller sees the whole response, including keys and certificates
 */
export function whyNotAllowed(
	allowed: AllowedActions,
	parameters: Readonly<Record<string, unknown>>,
	showsSecrets: boolean,
): Failure | undefined {
	if (allowed === 'everything') {
		return undefined;
	}
	const valuesOf = (wanted: string): unknown[] =>
		Object.entries(parameters).flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
	const actions = valuesOf('action');
	const itemIds = valuesOf('itemid');
	const isTestOrder = itemIds.length > 0 && !itemIds.some(isLiveItem);
	const whyNot = (action: unknown): Text | undefined => {
		const effect = Object.entries(EFFECTS).find(([name]) => name === action)?.[1];
		if (effect === undefined) {
			return REASONS.notAllowed.unknownAction();
		}
		if (showsSecrets && READS_WITH_SECRETS.has(action)) {
			return REASONS.notAllowed.secrets();
		}
		if (effect === 'read' || (effect === 'idempotent' && allowed !== 'readsOnly')) {
			return undefined;
		}
		if (action !== 'ServiceCreateOrder' || allowed === 'readsOnly') {
			return REASONS.notAllowed.action({ action: ours(String(action)) });
		}
		return isTestOrder ? undefined : REASONS.notAllowed.testOrders();
	};
	const actionsToCheck = actions.length > 0 ? actions : [undefined];
	const why = actionsToCheck.map(whyNot).find((reason) => reason !== undefined);
	if (why === undefined) {
		return undefined;
	}
	return notSent('NOT_ALLOWED', { allowed: ours(ALLOWED_ACTIONS[allowed]), why });
}

/**
 * The failure of a request whose signature would also fit a body with other parameters.
 * @param name the name of the member that makes it ambiguous
 */
export function ambiguousFailure(name: string): Failure {
	return {
		outcome: 'NOT_SENT',
		code: 'NOT_ALLOWED',
		reason: REASONS.ambiguous({ name: ours(JSON.stringify(name)) }),
		advice: ADVICE.noAmpersand(),
		scope: 'run',
	};
}
