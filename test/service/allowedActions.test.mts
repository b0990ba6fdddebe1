import { describe, expect, test } from '@jest/globals';
import { EFFECTS, whyNotAllowed } from '../../nodes/TencentCloudIot/service/actions';
import { englishOf } from '../support/texts.mts';

type Setting = Parameters<typeof whyNotAllowed>[0];

const SETTINGS = ['everything', 'noLiveActions', 'readsOnly'] as const;
const live = { Action: 'ServiceCreateOrder', ItemId: 'FireInsurance2020' };
const testOrder = { Action: 'ServiceCreateOrder', ItemId: 'D-FireInsurance2020' };

/** The settings that refuse a request with these parameters. */
const refusing = (parameters: object, showsSecrets = false): Setting[] =>
	SETTINGS.filter(
		(setting) => whyNotAllowed(setting, parameters as Record<string, unknown>, showsSecrets) !== undefined,
	);

describe('Allowed Actions', () => {
	test('Actions that only read are refused by no setting, all others by one or two.', () => {
		const refusingSettings = Object.keys(EFFECTS).map((Action) => [Action, refusing({ Action }).join()]);
		expect(Object.fromEntries(refusingSettings)).toEqual({
			ServiceGetCustomerList: '',
			ServiceCreateCustomer: 'readsOnly',
			ServiceDescribeDevice: '',
			ServiceGetDeviceList: '',
			ServiceControlDeviceData: 'noLiveActions,readsOnly',
			ServiceCallDeviceActionSync: 'noLiveActions,readsOnly',
			ServiceCallDeviceActionAsync: 'noLiveActions,readsOnly',
			ServiceBindDevice: 'readsOnly',
			ServiceDescribeDeviceData: '',
			ServiceDescribeDeviceDataHistory: '',
			ServiceListEventHistory: '',
			ServiceReportDeviceData: 'readsOnly',
			ServiceReportDeviceState: 'readsOnly',
			ServiceGetInsurancePageURL: '',
			ServiceCreateOrder: 'noLiveActions,readsOnly',
			ServiceGetOrderList: '',
			ServiceDescribeModelDefinition: '',
		});
	});

	test.each<[object, string]>([
		[testOrder, 'readsOnly'],
		[live, 'noLiveActions,readsOnly'],
		[{ ...live, ItemId: 'd-FireInsurance2020' }, 'noLiveActions,readsOnly'],
		[{ ...live, ItemId: ['D-FireInsurance2020'] }, 'noLiveActions,readsOnly'],
		[{ ...testOrder, itemid: live.ItemId }, 'noLiveActions,readsOnly'],
		[{ ...testOrder, ITEMID: testOrder.ItemId }, 'readsOnly'],
		[{ action: 'ServiceBindDevice' }, 'readsOnly'],
		[{ Action: 'ServiceGetOrderList', action: 'ServiceControlDeviceData' }, 'noLiveActions,readsOnly'],
		[{ Action: 'ServiceGetOrderList', ItemId: live.ItemId }, ''],
		[{ Action: 'ServiceGetInsurancePageURL', ItemId: live.ItemId }, ''],
		[{ Action: ' ServiceGetOrderList' }, 'noLiveActions,readsOnly'],
		[{ Action: 'servicegetorderlist' }, 'noLiveActions,readsOnly'],
		[{ Action: ['ServiceGetOrderList'] }, 'noLiveActions,readsOnly'],
		[{ Action: 'ServiceDeleteCustomer' }, 'noLiveActions,readsOnly'],
		[{ Action: 'toString' }, 'noLiveActions,readsOnly'],
		[{}, 'noLiveActions,readsOnly'],
	])('%j is refused by: %s', (parameters, settings) => {
		expect(refusing(parameters).join()).toBe(settings);
	});

	test('A restricted credential does not read devices if their secrets would be shown.', () => {
		const refusedForSecrets = Object.keys(EFFECTS).filter(
			(Action) => refusing({ Action }, true).length > refusing({ Action }).length,
		);
		expect(refusedForSecrets).toEqual(['ServiceDescribeDevice', 'ServiceGetDeviceList']);
	});

	test.each<[Setting, object, string]>([
		[
			'readsOnly',
			{ Action: 'ServiceBindDevice' },
			"is 'Reads Only', which does not allow ServiceBindDevice.",
		],
		[
			'noLiveActions',
			live,
			"is 'No Live Orders and No Device Actions', which allows only test orders (D-…).",
		],
		[
			'readsOnly',
			{ Action: 'EPERM <b>' },
			"is 'Reads Only', which does not allow an Action that the node does not know.",
		],
		[
			'readsOnly',
			{ Action: 'ServiceDescribeDevice' },
			'which does not allow showing keys and certificates of devices.',
		],
	])('The reason for %s and %j names the setting and its place.', (setting, parameters, reason) => {
		const failure = whyNotAllowed(setting, parameters as Record<string, unknown>, true);
		expect(failure).toMatchObject({ outcome: 'NOT_SENT', code: 'NOT_ALLOWED' });
		expect(englishOf(failure?.reason)).toContain(`'Allowed Actions' in the credential is`);
		expect(englishOf(failure?.reason)).toContain(reason);
	});
});
