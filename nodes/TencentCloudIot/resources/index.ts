import type { LocalOperation } from './operation/localOperation';
import type { Operation } from './operation/operation';
import { NotSendable, notSent } from '../service/outcome';
import { checkAccount } from './account/check.operation';
import { createCustomer } from './customer/create.operation';
import { getManyCustomers } from './customer/getMany.operation';
import { callDeviceAction } from './device/callAction.operation';
import { controlDevice } from './device/control.operation';
import { getDevice } from './device/get.operation';
import { getManyDevices } from './device/getMany.operation';
import { auditOperation } from './deviceBinding/audit.operation';
import { pushOperation } from './deviceBinding/push.operation';
import { syncOperation } from './deviceBinding/sync.operation';
import { getEvents } from './deviceData/getEvents.operation';
import { getDataHistory } from './deviceData/getHistory.operation';
import { getLatestData } from './deviceData/getLatest.operation';
import { reportData } from './deviceData/report.operation';
import { reportState } from './deviceData/reportState.operation';
import { getInsurancePageUrl } from './insurancePage/getUrl.operation';
import { createOrder } from './order/create.operation';
import { getManyOrders } from './order/getMany.operation';
import { getModel } from './product/getModel.operation';
import { approvePlan } from './sync/approvePlan.operation';
import { confirmNews } from './sync/confirmNews.operation';
import { forget } from './sync/forget.operation';
import { getReceipts } from './sync/getReceipts.operation';
import { getStatus } from './sync/getStatus.operation';
import { ADVICE, REASONS } from '../messages/reasons';

interface Resource {
	/** Stored in workflows: never changes once published. */
	value: string;
	name: string;
	/** The first one is the default. */
	operations: ReadonlyArray<Operation<unknown>>;
	/** Operations that make no request. They work on what the node keeps in n8n. */
	localOperations?: readonly LocalOperation[];
}

/** All resources and operations, alphabetically. Dropdowns, fields and dispatch are derived from this list. */
export const resources: readonly Resource[] = [
	{ value: 'account', name: 'Account', operations: [checkAccount] },
	{ value: 'customer', name: 'Customer', operations: [createCustomer, getManyCustomers] },
	{
		value: 'device',
		name: 'Device',
		operations: [getDevice, getManyDevices, controlDevice, callDeviceAction],
	},
	{
		value: 'deviceBinding',
		name: 'Device Binding',
		operations: [pushOperation, syncOperation, auditOperation],
	},
	{
		value: 'deviceData',
		name: 'Device Data',
		operations: [getLatestData, getDataHistory, getEvents, reportData, reportState],
	},
	{ value: 'insurancePage', name: 'Insurance Page', operations: [getInsurancePageUrl] },
	{ value: 'order', name: 'Order', operations: [createOrder, getManyOrders] },
	{ value: 'product', name: 'Product', operations: [getModel] },
	{
		value: 'sync',
		name: 'Sync',
		operations: [],
		localOperations: [getStatus, getReceipts, approvePlan, confirmNews, forget],
	},
];

/** @throws NotSendable when this version of the node does not have the operation */
export function findOperation(resource: string, operation: string): Operation<unknown> {
	const foundOperation = findResource(resource)?.operations.find(({ value }) => value === operation);
	if (foundOperation === undefined) {
		throw new NotSendable(
			notSent('NO_SUCH_OPERATION', { reason: REASONS.noSuchOperation(), advice: ADVICE.otherOperation() }),
		);
	}
	return foundOperation;
}

/** @returns undefined for an operation that makes requests, or that this version of the node does not have */
export function findLocalOperation(resource: string, operation: string): LocalOperation | undefined {
	return findResource(resource)?.localOperations?.find(({ value }) => value === operation);
}

function findResource(resource: string): Resource | undefined {
	return resources.find(({ value }) => value === resource);
}
