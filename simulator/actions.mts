import type { Action } from './action.mts';
import { createCustomer, getCustomerList } from './customerActions.mts';
import { bindDevice, describeDevice, getDeviceList } from './deviceActions.mts';
import { callDeviceActionAsync, callDeviceActionSync, controlDeviceData } from './deviceControlActions.mts';
import {
	describeDeviceData,
	describeDeviceDataHistory,
	describeModelDefinition,
	listEventHistory,
} from './deviceDataActions.mts';
import { createOrder, getInsurancePageUrl, getOrderList } from './orderActions.mts';
import { reportDeviceData, reportDeviceState } from './reportActions.mts';

/** The actions that change something, or let a device do something. */
export const writingActions: ReadonlySet<string> = new Set([
	'ServiceBindDevice',
	'ServiceCallDeviceActionAsync',
	'ServiceCallDeviceActionSync',
	'ServiceControlDeviceData',
	'ServiceCreateCustomer',
	'ServiceCreateOrder',
	'ServiceReportDeviceData',
	'ServiceReportDeviceState',
]);

/** Every action the simulator knows, by the name in `Action`. An action is added as one entry. */
export const actions: ReadonlyMap<string, Action> = new Map([
	['ServiceBindDevice', bindDevice],
	['ServiceCallDeviceActionAsync', callDeviceActionAsync],
	['ServiceCallDeviceActionSync', callDeviceActionSync],
	['ServiceControlDeviceData', controlDeviceData],
	['ServiceCreateCustomer', createCustomer],
	['ServiceCreateOrder', createOrder],
	['ServiceDescribeDevice', describeDevice],
	['ServiceDescribeDeviceData', describeDeviceData],
	['ServiceDescribeDeviceDataHistory', describeDeviceDataHistory],
	['ServiceDescribeModelDefinition', describeModelDefinition],
	['ServiceGetCustomerList', getCustomerList],
	['ServiceGetDeviceList', getDeviceList],
	['ServiceGetInsurancePageURL', getInsurancePageUrl],
	['ServiceGetOrderList', getOrderList],
	['ServiceListEventHistory', listEventHistory],
	['ServiceReportDeviceData', reportDeviceData],
	['ServiceReportDeviceState', reportDeviceState],
]);
