import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

/** Why the stand-in refuses. */
export type Why = 'key' | 'signature' | 'time' | 'replay' | 'action' | 'missing' | 'forbidden';

/** The behaviour of a stand-in: everything that the documentation leaves open, and some deviations from it. */
export interface Personality {
	/** How lists are signed; `refused`: no signature over a list is accepted. */
	lists: 'json' | 'go' | 'none' | 'flat' | 'js' | 'refused';
	/** The envelope of a success. */
	success: (id: string, members: object) => unknown;
	/** The envelope of an error. */
	failure: (id: string, why: Why, about: string) => unknown;
	/** HTTP status of errors. */
	failureStatus?: number;
	missing?: readonly string[];
	forbidden?: readonly string[];
	/** Seconds. */
	skew?: number;
	hidesTime?: boolean;
	/** Carries out requests that lack required parameters. */
	isLenient?: boolean;
	/** Accepts any Timestamp, or a used nonce. */
	takesOldTimes?: boolean;
	takesRepeated?: boolean;
	/** An empty list is null. */
	hasNobody?: boolean;
}

export interface StandIn {
	endpoint: string;
	appKey: string;
	appSecret: string;
	/** The number of requests that changed something. */
	writes(): number;
	requests(): number;
}

const KEY = 'CanaryKeyQx7';
const SECRET = 'CanarySecretZr9';
/** What must not be in any report or transcript. */
export const CANARIES = [
	KEY,
	SECRET,
	'13800138000',
	'欧阳娜娜',
	'Zebulon',
	'Quackenbush',
	'tok_9f8e7d6c5b4a',
	'zeb@quack.example',
	'psk-canary',
	'8f14e45f',
	'LiLeiLocks',
];

const CUSTOMERS = [
	{ CustomerId: 'Zebulon_Quackenbush', CountryCode: '86', PhoneNumber: '13800138000', Name: '欧阳娜娜' },
	{ CustomerId: '8f14e45f', CountryCode: '86', PhoneNumber: '13800138000', Email: 'zeb@quack.example' },
];
const NEEDED: Record<string, string[]> = {
	ServiceGetDeviceList: ['ProductId', 'Limit'],
	ServiceDescribeModelDefinition: ['ProductId'],
	ServiceDescribeDeviceData: ['ProductId', 'DeviceName'],
	ServiceDescribeDevice: ['ProductId', 'DeviceName'],
	ServiceDescribeDeviceDataHistory: ['ProductId', 'DeviceName', 'FieldName'],
	ServiceListEventHistory: ['ProductId', 'DeviceName'],
	ServiceBindDevice: ['CustomerId', 'DeviceInfos'],
	ServiceCreateCustomer: ['CustomerId'],
	ServiceCreateOrder: ['CustomerId', 'OrderNo'],
	ServiceReportDeviceState: ['DeviceId'],
	ServiceReportDeviceData: ['DeviceId'],
	ServiceControlDeviceData: ['ProductId'],
	ServiceCallDeviceActionSync: ['ProductId'],
	ServiceCallDeviceActionAsync: ['ProductId'],
	ServiceGetInsurancePageURL: ['CustomerId'],
};
const WRITES = /Bind|Create|Report|Control|Call/;

type Body = Record<string, unknown>;
const running: Server[] = [];
afterEach(() => running.splice(0).forEach((server) => server.close()));

/** A service that shares no code with the simulator, on a port of this machine. */
export async function runStandIn(personality: Personality): Promise<StandIn> {
	const nonces = new Set<number>();
	let writes = 0;
	let requests = 0;
	const reply = (body: Body): { status: number; json: unknown } => {
		const id = String(body['RequestId']);
		const action = String(body['Action']);
		const fail = (why: Why, about = '') => ({
			status: personality.failureStatus ?? 200,
			json: personality.failure(id, why, about),
		});
		const now = Date.now();
		const { missing = [], forbidden = [] } = personality;
		// Unlike the simulator, checks the signature before key and time.
		if (sign(body, personality.lists) !== body['Signature']) {
			return fail('signature', String(body['Signature']));
		}
		if (body['AppKey'] !== KEY) {
			return fail('key', String(body['AppKey']));
		}
		const age = now / 1000 + (personality.skew ?? 0) - Number(body['Timestamp']);
		if (!personality.takesOldTimes && Math.abs(age) > 300) {
			return fail('time', String(body['Timestamp']));
		}
		// Checks only the nonce, whatever the time.
		if (!personality.takesRepeated && nonces.has(Number(body['Nonce']))) {
			return fail('replay');
		}
		nonces.add(Number(body['Nonce']));
		const needed = NEEDED[action];
		const isKnown = needed !== undefined || /^ServiceGet(Customer|Order)List$/.test(action);
		if (!isKnown || missing.includes(action)) {
			return fail('action', action);
		}
		if (forbidden.includes(action)) {
			return fail('forbidden', 'LiLeiLocks');
		}
		const lacking = needed?.find((name) => body[name] === undefined);
		if (lacking !== undefined && !personality.isLenient) {
			return fail('missing', lacking);
		}
		if (WRITES.test(action)) {
			writes++;
			return { status: 200, json: personality.success(id, { Status: 'OK' }) };
		}
		return { status: 200, json: personality.success(id, records(action, personality)) };
	};
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			requests++;
			const { status, json } = reply(JSON.parse(Buffer.concat(chunks).toString()) as Body);
			response.sendDate = false;
			if (!personality.hidesTime) {
				response.setHeader('Date', new Date(Date.now() + 1000 * (personality.skew ?? 0)).toUTCString());
			}
			response.writeHead(status, {
				'Content-Type': 'text/plain;charset=utf-8',
				'X-Token': 'tok_9f8e7d6c5b4a',
			});
			response.end(`${JSON.stringify(json, null, 2)}\n`);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	running.push(server);
	return {
		endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway/v2`,
		appKey: KEY,
		appSecret: SECRET,
		writes: () => writes,
		requests: () => requests,
	};
}

function records(action: string, { hasNobody }: Personality): object {
	if (action === 'ServiceGetCustomerList') {
		return hasNobody ? { Customers: null, Total: 0 } : { Customers: CUSTOMERS.slice(0, 1), Total: 2 };
	}
	if (action === 'ServiceGetOrderList') {
		return { Total: 0, Orders: [] };
	}
	return { Total: 1, Devices: [{ DeviceName: 'LiLeiLocks', DevicePsk: 'psk-canary', Status: 1 }] };
}

/** An independent implementation of the signature: a list of `name=value` sorted as bytes. */
function sign(body: Body, lists: Personality['lists']): string | undefined {
	const lines: string[] = [];
	for (const name of Object.keys(body)) {
		const value = body[name];
		if (name === 'Signature' || value === null || value === '') {
			continue;
		}
		if (typeof value !== 'object') {
			lines.push(`${name.split('_').join('.')}=${String(value)}`);
		} else if (lists === 'refused') {
			return undefined;
		} else if (lists === 'json') {
			lines.push(`${name}=${JSON.stringify(value)}`);
		} else if (lists === 'go') {
			lines.push(`${name}=${asGo(value)}`);
		} else if (lists === 'js') {
			lines.push(`${name}=${Array(Object.keys(value!).length).fill('[object Object]').join(',')}`);
		} else if (lists === 'flat') {
			for (const [index, entry] of Object.entries(value!)) {
				for (const [key, leaf] of Object.entries(entry as Body)) {
					lines.push(`${name}.${index}.${key}=${String(leaf)}`);
				}
			}
		}
	}
	const names = (line: string) => line.slice(0, line.indexOf('='));
	lines.sort((a, b) => Buffer.compare(Buffer.from(names(a)), Buffer.from(names(b))));
	return createHmac('sha1', Buffer.from(SECRET, 'utf8'))
		.update(Buffer.from(lines.join('&')))
		.digest()
		.toString('base64');
}

function asGo(value: unknown): string {
	if (Array.isArray(value)) {
		return `[${value.map(asGo).join(' ')}]`;
	}
	if (typeof value !== 'object' || value === null) {
		return String(value);
	}
	const keys = Object.keys(value).sort();
	return `map[${keys.map((key) => `${key}:${asGo((value as Body)[key])}`).join(' ')}]`;
}
