import { expect, test } from '@jest/globals';
import { call, failure } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';

const customers = [{ CustomerId: 'c1', CountryCode: '86', PhoneNumber: '1' }];
const page = { Action: 'ServiceGetInsurancePageURL', CustomerId: 'c1', ItemId: 'FireInsurance2020' };
const order = { ...page, Action: 'ServiceCreateOrder', OrderNo: 'O-1', ItemNum: 1 };
const address = (URL: string, MpAppId = '', MpAppPath = '') => ({
	Response: { RequestId: expect.any(String), URL, MpAppId, MpAppPath },
});

test.each([
	['D-FireInsurance2020', 'FireMER20W', address('https://insurance.example/D-FireInsurance2020?customer=c1')],
	['FireInsurance2020', 'FireBusiness', address('https://insurance.example/FireInsurance2020?customer=c1')],
	['FireInsurance2020', 'FireMER20W', address('', 'wx0000000000000000', 'pages/FireMER20W?customer=c1')],
	['CarInsurance2021', 'AutoVIP', address('', 'wx0000000000000000', 'pages/AutoVIP?customer=c1')],
])(
	'The page of %s in the version %s is a web page or one of a mini-program',
	async (ItemId, ItemVNO, answer) => {
		const simulator = await runSimulator({ customers });
		expect(await call(simulator, { ...page, ItemId, ItemVNO })).toEqual(answer);
	},
);

test.each([
	['a page', page],
	['an order', order],
])('For %s the version is required, and has to be one of the item', async (_, parameters) => {
	const simulator = await runSimulator({ customers });
	expect(await call(simulator, parameters)).toEqual(
		failure('ErrorRequiredParamNotFound', '必选参数缺失: ItemVNO'),
	);
	for (const ItemVNO of ['AutoVIP', 'FireNEW', 'constructor']) {
		expect(await call(simulator, { ...parameters, ItemVNO })).toEqual(
			failure('InvalidParameterValue', expect.stringContaining('ItemVNO 无效: 应为 FireBusiness')),
		);
	}
	expect(simulator.state.orders).toEqual([]);
});
