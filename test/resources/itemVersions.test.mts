import { describe, expect, test } from '@jest/globals';
import { NodeHelpers, type INode } from 'n8n-workflow';
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';
import { valuesOf } from '../support/storedForm.mts';

const FIRE = 'FireBusiness, FireMER100W, FireMER20W, FireMER50W, FirePRO100W, FirePRO20W, FirePRO50W';
const CAR = 'AutoBase, AutoUpgrade, AutoVIP';

/** The 'Item Version' fields that n8n shows, by their values, and the value that it stores, by default an untouched one. */
function shown(resource: string, operation: string, itemId: string, chosen: { itemVNO?: string } = {}) {
	const { description } = new TencentCloudIot();
	const node = { typeVersion: 1, parameters: {} } as unknown as INode;
	const parameters = { resource, operation, itemId, ...chosen };
	const { displayParameter, getNodeParameters } = NodeHelpers;
	const fields = description.properties
		.filter(({ name }) => name === 'itemVNO')
		.filter((field) => displayParameter(parameters, field, node, description));
	const stored = getNodeParameters(description.properties, parameters, true, false, node, description);
	return { fields: fields.map((field) => valuesOf(field).trim()), standard: stored?.itemVNO };
}

describe.each([
	['order', 'create'],
	['insurancePage', 'getUrl'],
])('Of %s %s the picker', (resource, operation) => {
	test.each([
		['D-FireInsurance2020', FIRE, 'FireBusiness'],
		['FireInsurance2020', FIRE, 'FireBusiness'],
		['D-CarInsurance2021', CAR, 'AutoBase'],
		['CarInsurance2021', CAR, 'AutoBase'],
		['={{ $json.item }}', `${CAR}, ${FIRE}`, 'FireBusiness'],
		['HomeInsurance2027', `${CAR}, ${FIRE}`, 'FireBusiness'],
	])('lists only the versions of %s', (itemId, versions, standard) => {
		expect(shown(resource, operation, itemId)).toEqual({ fields: [`(${versions})`], standard });
	});

	test.each(['D-FireInsurance2020', 'FireInsurance2020', '={{ $json.item }}'])(
		'keeps a chosen version when the item becomes %s',
		(itemId) => {
			const { standard } = shown(resource, operation, itemId, { itemVNO: 'FirePRO100W' });
			expect(standard).toBe('FirePRO100W');
		},
	);
});
