import type { parseArgs } from 'node:util';
import { InputError } from '../inputError.mts';

/** The service to probe: a simulator started for the probe, the real service in China, or an endpoint. */
export type Service =
	| { readonly kind: 'simulator' }
	| { readonly kind: 'live' }
	| { readonly kind: 'endpoint'; readonly endpoint: string };

/** The test customers and devices from flags; the command asks for the missing ones. */
export interface GivenTest {
	readonly customers: readonly string[];
	/** Each `ProductId/DeviceName`. */
	readonly devices: readonly string[];
	/** Undefined: the ProductId. */
	readonly productName: string | undefined;
}

/** The settings of a probe. */
export interface ProbeSettings {
	readonly service: Service;
	/** Empty: none. */
	readonly productId: string;
	readonly test: GivenTest;
	/** The folder for the report. */
	readonly folder: string;
	/** Write the item as JSON on stdout instead of the page. */
	readonly json: boolean;
}

/** The text of --help about probes. */
export const probeUsage = `Find out how the service behaves for your application, with up to 12 requests that cannot write:
  --probe                  run Account: Check, and write what it found as one file without secrets
  --live                   of the real service in China
  --endpoint <url>         of a running simulator or another endpoint (a simulator that is started for it)
  --product <ProductId>    also count the devices of this product
  --out <folder>           where to write report.md (probe)
It asks on the terminal for anything missing; key and secret can also come from TENCENT_IOT_APP_KEY and
TENCENT_IOT_APP_SECRET. For an endpoint on this machine, those of the simulator are the default.

Afterwards it offers three pushes of test devices to two test customers, which show whether a push replaces or adds. It sends
them only after a typed "yes", and never without a terminal:
  --customer <CustomerId>  twice: the test customers, whose devices change
  --device <P/D>           once or twice: the test devices, as ProductId/DeviceName
  --product-name <name>    their ProductName (the ProductId)
`;

export const probeFlags = {
	probe: { type: 'boolean' },
	live: { type: 'boolean' },
	endpoint: { type: 'string' },
	product: { type: 'string' },
	out: { type: 'string' },
	customer: { type: 'string', multiple: true },
	device: { type: 'string', multiple: true },
	'product-name': { type: 'string' },
} as const;

/** The values of these flags and of the flags for rows. */
type Values = Partial<ReturnType<typeof parseArgs<{ options: typeof probeFlags }>>['values']> & {
	readonly json?: boolean | undefined;
	readonly [rows: string]: unknown;
};

const FOR_ROWS = ['rows', 'column', 'set', 'dry-run', 'sync'];

/** `ProductId/DeviceName`. */
const DEVICE_ID = /^[^/\s]+\/[^/\s]+$/;

/**
 * Reads the flags of a probe; undefined if they do not request one.
 *
 * @throws InputError naming the flag that is missing or wrong
 */
export function readProbe(values: Values): ProbeSettings | undefined {
	const firstGiven = (names: readonly string[]) => names.find((name) => values[name] !== undefined);
	if (values.probe !== true) {
		const alone = firstGiven(Object.keys(probeFlags));
		if (alone === undefined) {
			return undefined;
		}
		const inN8n = alone === 'live' ? '; rows go to the real service from n8n only' : '';
		throw new InputError(`--${alone} is for --probe${inN8n}.`);
	}
	const forRows = firstGiven(FOR_ROWS);
	if (forRows !== undefined) {
		throw new InputError(`--probe and --${forRows} exclude each other.`);
	}
	const { product = '', out = 'probe', json = false } = values;
	if (out === '') {
		throw new InputError('--out must name a folder.');
	}
	const service = readService(values);
	return { service, productId: product.trim(), test: readTest(values), folder: out, json };
}

function readService({ live, endpoint }: Values): Service {
	if (live === true && endpoint !== undefined) {
		throw new InputError('--live and --endpoint exclude each other.');
	}
	if (live === true) {
		return { kind: 'live' };
	}
	return endpoint === undefined ? { kind: 'simulator' } : { kind: 'endpoint', endpoint };
}

function readTest({ customer = [], device = [], 'product-name': productName }: Values): GivenTest {
	const customers = customer.map((id) => id.trim());
	const isPair = customers.length === 2 && customers[0] !== customers[1] && !customers.includes('');
	if (customers.length > 0 && !isPair) {
		throw new InputError('--customer names two different test customers: --customer A --customer B.');
	}
	checkDevices(device);
	return { customers, devices: device, productName };
}

/** @throws InputError unless these are at most two different devices */
export function checkDevices(devices: readonly string[]): void {
	const areIds = devices.every((device) => DEVICE_ID.test(device));
	if (!areIds || devices.length > 2 || new Set(devices).size < devices.length) {
		throw new InputError('--device names one test device or two: ProductId/DeviceName.');
	}
}
