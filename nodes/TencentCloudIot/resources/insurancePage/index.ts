import { getInsurancePageUrl } from './getUrl.operation';

export const insurancePage = {
	value: 'insurancePage',
	name: 'Insurance Page',
	operations: [getInsurancePageUrl],
};
