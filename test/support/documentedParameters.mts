/** The type of a parameter as the documentation names it; `?` where it may be left out. */
type Documented = 'String' | 'Int' | 'Object' | 'Array' | 'String?' | 'Int?';

/** The own parameters of each Action (product 1465, pages 59062–59079). */
export const documentedParameters: Readonly<Record<string, Readonly<Record<string, Documented>>>> = {
	ServiceBindDevice: { CustomerId: 'String', DeviceInfos: 'Array' },
	ServiceCreateCustomer: { CustomerId: 'String', CountryCode: 'String', PhoneNumber: 'String' },
	ServiceGetCustomerList: {
		CustomerId: 'String?',
		CountryCode: 'String?',
		PhoneNumber: 'String?',
		Offset: 'Int?',
		Limit: 'Int?',
	},
	ServiceCreateOrder: {
		CustomerId: 'String',
		OrderNo: 'String',
		ItemId: 'String',
		ItemVNO: 'String',
		ItemNum: 'Int',
	},
	ServiceGetOrderList: { CustomerId: 'String?', OrderNo: 'String?', Offset: 'Int?', Limit: 'Int?' },
	ServiceGetInsurancePageURL: { CustomerId: 'String', ItemId: 'String', ItemVNO: 'String' },
	ServiceReportDeviceData: {
		DeviceId: 'String',
		CustomerId: 'String',
		DataCategory: 'String',
		DataInfo: 'Object',
	},
	ServiceReportDeviceState: { DeviceId: 'String', OnlineStatus: 'Int' },
	ServiceDescribeDevice: { ProductId: 'String', DeviceName: 'String' },
	ServiceGetDeviceList: { ProductId: 'String', Offset: 'Int', Limit: 'Int' },
	ServiceControlDeviceData: { ProductId: 'String', DeviceName: 'String', Data: 'String' },
	ServiceCallDeviceActionSync: {
		ProductId: 'String',
		DeviceName: 'String',
		ActionId: 'String',
		InputParams: 'String?',
	},
	ServiceCallDeviceActionAsync: {
		ProductId: 'String',
		DeviceName: 'String',
		ActionId: 'String',
		InputParams: 'String?',
	},
	ServiceDescribeDeviceData: { ProductId: 'String', DeviceName: 'String' },
	ServiceDescribeDeviceDataHistory: {
		ProductId: 'String',
		DeviceName: 'String',
		FieldName: 'String',
		MinTime: 'Int',
		MaxTime: 'Int',
		Limit: 'Int',
		Context: 'String?',
	},
	ServiceListEventHistory: {
		ProductId: 'String',
		DeviceName: 'String',
		Type: 'String',
		StartTime: 'Int',
		EndTime: 'Int',
		Size: 'Int',
		Context: 'String?',
	},
	ServiceDescribeModelDefinition: { ProductId: 'String' },
};

/** What is wrong with a request by the documentation: parameters that it does not have, lacks, or has in another type. */
export function undocumented({ Action, ...own }: Readonly<Record<string, unknown>>): string[] {
	const documented = documentedParameters[String(Action)] ?? {};
	const unknown = Object.keys(own).filter((name) => !Object.hasOwn(documented, name));
	const wrong = Object.entries(documented).filter(([name, type]) => !isOfType(own[name], type));
	return [...unknown, ...wrong.map(([name, type]) => `${name}: ${type}`)];
}

function isOfType(value: unknown, type: Documented): boolean {
	if (value === undefined) return type.endsWith('?');
	if (type === 'Array') return Array.isArray(value);
	if (type === 'Object') return typeof value === 'object' && value !== null && !Array.isArray(value);
	return type.startsWith('Int') ? Number.isSafeInteger(value) : typeof value === 'string';
}
