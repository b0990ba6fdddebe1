import { picked } from '../support/picked.mts';
import { done } from './operationCase.mts';
import type { OperationCase } from './operationCase.mts';

/** Customers, orders and insurance pages. */
export const customerCases: OperationCase[] = [
	{
		operation: 'customer.create',
		parameters: { customerId: 'c3', countryCode: '86', phoneNumber: '={{ 13800138000 }}' },
		sent: {
			Action: 'ServiceCreateCustomer',
			CustomerId: 'c3',
			CountryCode: '86',
			PhoneNumber: '13800138000',
		},
		json: [{ CustomerId: 'c3', Status: 'OK', ...done }],
	},
	{
		operation: 'customer.getMany',
		parameters: { filters: { phoneNumber: '={{ "2" }}', countryCode: ' ' } },
		sent: { Action: 'ServiceGetCustomerList', PhoneNumber: '2', Offset: 0, Limit: 50 },
		json: [{ CustomerId: 'c2', CountryCode: '86', PhoneNumber: '2' }],
	},
	{
		operation: 'order.create',
		parameters: { customerId: picked('c1'), orderNo: 'O-1', itemNum: '={{ "2" }}' },
		sent: {
			Action: 'ServiceCreateOrder',
			CustomerId: 'c1',
			OrderNo: 'O-1',
			ItemId: 'D-FireInsurance2020',
			ItemVNO: 'FireBusiness',
			ItemNum: 2,
		},
		json: [{ CustomerId: 'c1', OrderNo: 'O-1', ItemId: 'D-FireInsurance2020', Status: 'OK', ...done }],
	},
	{
		operation: 'order.getMany',
		parameters: { filters: { customerId: 'nobody' }, limit: 7 },
		sent: { Action: 'ServiceGetOrderList', CustomerId: 'nobody', Offset: 0, Limit: 7 },
		json: [],
	},
	{
		operation: 'insurancePage.getUrl',
		parameters: { customerId: picked('={{ "c1" }}') },
		sent: {
			Action: 'ServiceGetInsurancePageURL',
			CustomerId: 'c1',
			ItemId: 'D-FireInsurance2020',
			ItemVNO: 'FireBusiness',
		},
		json: [
			{
				CustomerId: 'c1',
				ItemId: 'D-FireInsurance2020',
				URL: 'https://insurance.example/D-FireInsurance2020?customer=c1',
				...done,
			},
		],
	},
	{
		operation: 'insurancePage.getUrl',
		parameters: { customerId: picked('c1'), itemId: 'CarInsurance2021', itemVNO: 'AutoVIP' },
		sent: {
			Action: 'ServiceGetInsurancePageURL',
			CustomerId: 'c1',
			ItemId: 'CarInsurance2021',
			ItemVNO: 'AutoVIP',
		},
		json: [
			{
				CustomerId: 'c1',
				ItemId: 'CarInsurance2021',
				MpAppId: 'wx0000000000000000',
				MpAppPath: 'pages/AutoVIP?customer=c1',
				...done,
			},
		],
	},
];
