import type { parseArgs } from 'node:util';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';
import { InputError } from '../inputError.mts';

/** A service, and what the user would enter for it in n8n. */
export interface Target {
	/** For the user, as the object of "to". */
	readonly name: string;
	readonly credentials: ICredentialDataDecryptedObject;
}

/** A customer whose devices may be changed, and the two that are pushed for it. */
export interface TestCustomer {
	readonly customerId: string;
	/** Each `ProductId/DeviceName`. */
	readonly devices: readonly [string, string];
	/** Undefined: the ProductId. */
	readonly productName: string | undefined;
}

/** What a probe is to do. */
export interface ProbeSettings {
	/** Undefined: a simulator that is started for it. */
	readonly target: Target | undefined;
	/** Empty: none. */
	readonly productId: string;
	readonly testCustomer: TestCustomer | undefined;
	/** The folder for report and transcript. */
	readonly folder: string;
	/** Write the item as JSON on stdout instead of the page. */
	readonly json: boolean;
}

/** The text of --help about it. */
export const probeUsage = `Find out how the service behaves for your application, by up to 12 requests that cannot write:
  --probe                  run Account: Check, and write what its item has as a page and a transcript without secrets
  --live                   of the real service in China
  --endpoint <url>         of a running simulator or another endpoint (a simulator that is started for it)
  --product <ProductId>    also count the devices of this product
  --out <folder>           where to write page and transcript (probe)
  --with-test-customer <CustomerId>
                           afterwards push two sets of devices for this customer, and ask whether the console shows the second
                           one alone or both; use a test customer only, its devices change
  --device <P/D>           with it, twice: the devices, as ProductId/DeviceName
  --product-name <name>    with it: their ProductName (the ProductId)
--live and --endpoint take key and secret from TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET;
for an endpoint on this machine those of the simulator are the default.
`;

export const probeFlags = {
	probe: { type: 'boolean' },
	live: { type: 'boolean' },
	endpoint: { type: 'string' },
	product: { type: 'string' },
	out: { type: 'string' },
	'with-test-customer': { type: 'string' },
	device: { type: 'string', multiple: true },
	'product-name': { type: 'string' },
} as const;

/** The values of these flags, and of those that are for rows. */
type Values = Partial<ReturnType<typeof parseArgs<{ options: typeof probeFlags }>>['values']> & {
	readonly json?: boolean | undefined;
	readonly [rows: string]: unknown;
};

const FOR_ROWS = ['rows', 'column', 'set', 'dry-run', 'sync'];
const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/;

/**
 * Reads the flags of a probe; undefined where they ask for none.
 *
 * @throws InputError naming the flag or variable that is missing or wrong
 */
export function readProbe(values: Values, environment: NodeJS.ProcessEnv): ProbeSettings | undefined {
	const given = (names: readonly string[]) => names.find((name) => values[name] !== undefined);
	if (values.probe !== true) {
		const alone = given(Object.keys(probeFlags));
		if (alone === undefined) {
			return undefined;
		}
		const inN8n = alone === 'live' ? '; rows go to the real service from n8n only' : '';
		throw new InputError(`--${alone} is for --probe${inN8n}.`);
	}
	const other = given(FOR_ROWS);
	if (other !== undefined) {
		throw new InputError(`--probe and --${other} exclude each other.`);
	}
	const { product = '', out = 'probe', json = false } = values;
	if (out === '') {
		throw new InputError('--out must name a folder.');
	}
	const [testCustomer, target] = [readTestCustomer(values), readTarget(values, environment)];
	return { target, productId: product.trim(), testCustomer, folder: out, json };
}

function readTestCustomer(values: Values): TestCustomer | undefined {
	const { 'with-test-customer': customerId, device = [], 'product-name': productName } = values;
	if (customerId === undefined) {
		if (device.length === 0 && productName === undefined) {
			return undefined;
		}
		throw new InputError('--device and --product-name are for --with-test-customer.');
	}
	if (customerId.trim() === '') {
		throw new InputError('--with-test-customer must name a customer.');
	}
	const [first, second, more] = device;
	const isTwice = first !== undefined && second !== undefined && first !== second && more === undefined;
	if (isTwice && device.every((one) => /^[^/\s]+\/[^/\s]+$/.test(one))) {
		return { customerId: customerId.trim(), devices: [first, second], productName };
	}
	throw new InputError('--with-test-customer needs two devices: --device ProductId/A --device ProductId/B.');
}

function readTarget({ live, endpoint }: Values, environment: NodeJS.ProcessEnv): Target | undefined {
	if (live && endpoint !== undefined) {
		throw new InputError('--live and --endpoint exclude each other.');
	}
	if (live) {
		const credentials = { ...readKeys(environment, '--live'), platform: 'china' };
		return { name: 'the real service in China', credentials };
	}
	if (endpoint === undefined) {
		return undefined;
	}
	const defaults = LOOPBACK.test(endpoint) ? ['ServiceAppKey', 'ServiceAppSecret'] : [];
	const credentials = { ...readKeys(environment, 'This endpoint', defaults), platform: 'custom', endpoint };
	return { name: 'this endpoint', credentials };
}

function readKeys(environment: NodeJS.ProcessEnv, who: string, [key, secret]: readonly string[] = []) {
	const appKey = environment['TENCENT_IOT_APP_KEY']?.trim() || key;
	const appSecret = environment['TENCENT_IOT_APP_SECRET']?.trim() || secret;
	if (appKey !== undefined && appSecret !== undefined) {
		return { appKey, appSecret };
	}
	throw new InputError(
		`${who} needs your application's key and secret: set TENCENT_IOT_APP_KEY and TENCENT_IOT_APP_SECRET.`,
	);
}
