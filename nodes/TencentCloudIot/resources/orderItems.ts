import type { INodeProperties } from 'n8n-workflow';

/** What can be ordered (product 1465, pages 59062–59079). Test orders stand first and are the default. */
export const itemId: INodeProperties = {
	displayName: 'Item ID',
	name: 'itemId',
	type: 'options',
	required: true,
	default: 'D-FireInsurance2020',
	options: [
		{ name: 'D-CarInsurance2021 (Test)', value: 'D-CarInsurance2021' },
		{ name: 'D-FireInsurance2020 (Test)', value: 'D-FireInsurance2020' },
		{ name: 'CarInsurance2021 (Live)', value: 'CarInsurance2021' },
		{ name: 'FireInsurance2020 (Live)', value: 'FireInsurance2020' },
	],
	description: 'The insurance that the order is for. A test order consumes no quota.',
};

export const itemVersion: INodeProperties = {
	displayName: 'Item Version',
	name: 'itemVNO',
	type: 'options',
	required: true,
	default: 'FireBusiness',
	options: [
		{ name: 'AutoBase', value: 'AutoBase' },
		{ name: 'AutoUpgrade', value: 'AutoUpgrade' },
		{ name: 'AutoVIP', value: 'AutoVIP' },
		{ name: 'FireBusiness', value: 'FireBusiness' },
		{ name: 'FireMER100W', value: 'FireMER100W' },
		{ name: 'FireMER20W', value: 'FireMER20W' },
		{ name: 'FireMER50W', value: 'FireMER50W' },
		{ name: 'FirePRO100W', value: 'FirePRO100W' },
		{ name: 'FirePRO20W', value: 'FirePRO20W' },
		{ name: 'FirePRO50W', value: 'FirePRO50W' },
	],
	description: 'The version of the insurance: Fire… for fire insurance, Auto… for car insurance',
};
