import { expect, test } from '@jest/globals';
import { bindParameters, call } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';

const RequestId = 'request-1';
const error = { Code: 'InvalidParameterValue', Message: 'Signature 无效' };

test.each([
	['response', { Response: { RequestId, Status: 'OK' } }, { Response: { Error: error, RequestId } }],
	[
		'outer',
		{ code: 0, msg: '', data: { RequestId, Status: 'OK' } },
		{ code: error.Code, msg: error.Message, data: { Error: error, RequestId } },
	],
	['bare', { RequestId, Status: 'OK' }, { Error: error, RequestId }],
] as const)('The envelope %s wraps success and failure', async (envelope, success, failure) => {
	const simulator = await runSimulator({ envelope });
	expect(await call(simulator, { ...bindParameters, RequestId })).toEqual(success);
	expect(await call(simulator, { ...bindParameters, RequestId }, { secret: 'wrong' })).toEqual(failure);
});
