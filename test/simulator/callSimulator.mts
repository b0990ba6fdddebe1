import { randomInt, randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Simulator } from '../../simulator/simulator.mts';
import type { SignatureScheme } from '../../simulator/verifySignature.mts';
import { signatureOf, textToSign } from '../../simulator/verifySignature.mts';

/** Valid parameters of ServiceBindDevice, for tests to spread and spoil. */
export const bindParameters = {
	Action: 'ServiceBindDevice',
	CustomerId: 'Customer_1',
	DeviceInfos: [{ CustomerDeviceNo: '123', DeviceId: 'ProductA/Device001', ProductName: '烟感' }],
};

/** How a test's request is signed; valid by default. */
export interface Signing {
	readonly rule?: SignatureScheme;
	readonly secret?: string;
}

/** The text of a signed body; `parameters` override the common ones, and undefined removes one. */
export function signedBody(parameters: Readonly<Record<string, unknown>>, signing: Signing = {}): string {
	const unsigned = JSON.stringify({
		RequestId: randomUUID(),
		Timestamp: nowSeconds(),
		Nonce: randomInt(1, 2 ** 31 - 1),
		AppKey: 'ServiceAppKey',
		...parameters,
	});
	const text = textToSign(unsigned, signing.rule ?? 'json');
	const Signature = signatureOf(text, signing.secret ?? 'ServiceAppSecret');
	return JSON.stringify({ ...(JSON.parse(unsigned) as object), Signature, ...spoiltSignature(parameters) });
}

function spoiltSignature(parameters: Readonly<Record<string, unknown>>) {
	return 'Signature' in parameters ? { Signature: parameters['Signature'] } : {};
}

/** The current time in Unix seconds. */
export function nowSeconds(): number {
	return Math.floor(Date.now() / 1000);
}

/** An HTTP response with its body as text. */
export interface HttpResponse {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
}

/** Posts a body unchanged. */
export async function post(
	{ endpoint }: Pick<Simulator, 'endpoint'>,
	body: string | Uint8Array<ArrayBuffer>,
	init: RequestInit = {},
): Promise<HttpResponse> {
	const headers = { 'content-type': 'application/json' };
	const answer = await fetch(endpoint, { method: 'POST', headers, body, ...init });
	return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Posts signed parameters and returns the parsed response. */
export async function call(
	simulator: Pick<Simulator, 'endpoint'>,
	parameters: Readonly<Record<string, unknown>>,
	signing: Signing = {},
): Promise<unknown> {
	return JSON.parse((await post(simulator, signedBody(parameters, signing))).text);
}

/** The error response in the documented envelope. */
export function failure(Code: string, Message: unknown, RequestId: unknown = expect.any(String)) {
	return { Response: { Error: { Code, Message }, RequestId } };
}

/** The success response of a push in the documented envelope. */
export const success = { Response: { RequestId: expect.any(String), Status: 'OK' } };
