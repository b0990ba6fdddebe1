import { InputError } from '../inputError.mts';
import type { Target } from '../target.mts';
import type { ProbeSettings } from './probe.mts';
import type { TestCustomer } from './testCustomer.mts';

/** The flags of --probe; those for rows have no meaning for it. */
export interface ProbeFlags {
	readonly probe?: boolean;
	readonly product?: string;
	readonly 'with-test-customer'?: string;
	readonly device?: readonly string[];
	readonly 'product-name'?: string;
	readonly out?: string;
	readonly json?: boolean;
	readonly [other: string]: unknown;
}

/** The text of --help about it. */
export const probeUsage = `Find out how the service behaves for your application, by up to 12 requests that cannot write:
  --probe                  with --live or --endpoint; writes a report in English and Chinese, and a transcript without secrets
  --product <ProductId>    also count the devices of this product
  --out <folder>           where to write them (probe)
  --with-test-customer <CustomerId>
                           afterwards push two sets of devices for this customer, and ask whether the console shows the second
                           one alone or both; use a test customer only, its devices change
  --device <P/D>           with it, twice: the devices, as ProductId/DeviceName
  --product-name <name>    with it: their ProductName (the ProductId)
`;

const OWN = ['product', 'with-test-customer', 'device', 'product-name', 'out'];
const OTHERS = ['rows', 'column', 'dry-run', 'strict', 'sync', 'memory'];

/**
 * Reads the flags of a probe; undefined where they ask for none.
 *
 * @throws InputError naming the flag that is wrong
 */
export function readProbe(flags: ProbeFlags, readTarget: () => Target): ProbeSettings | undefined {
	const given = (names: readonly string[]) => names.find((name) => flags[name] !== undefined);
	if (flags.probe !== true) {
		const alone = given(OWN);
		if (alone === undefined) return undefined;
		throw new InputError(`--${alone} is for --probe.`);
	}
	const other = given(OTHERS);
	if (other !== undefined) throw new InputError(`--probe and --${other} exclude each other.`);
	const { product = '', out = 'probe', json = false } = flags;
	if (out === '') throw new InputError('--out must name a folder.');
	const testCustomer = readTestCustomer(flags);
	return { target: readTarget(), productId: product.trim(), testCustomer, folder: out, json };
}

function readTestCustomer(flags: ProbeFlags): TestCustomer | undefined {
	const { 'with-test-customer': customerId, device = [], 'product-name': productName } = flags;
	if (customerId === undefined) {
		if (device.length === 0 && productName === undefined) return undefined;
		throw new InputError('--device and --product-name are for --with-test-customer.');
	}
	if (customerId.trim() === '') throw new InputError('--with-test-customer must name a customer.');
	const [first, second, more] = device;
	const isTwice = first !== undefined && second !== undefined && first !== second && more === undefined;
	if (isTwice && device.every((one) => /^[^/\s]+\/[^/\s]+$/.test(one))) {
		return { customerId: customerId.trim(), devices: [first, second], productName };
	}
	throw new InputError('--with-test-customer needs two devices: --device ProductId/A --device ProductId/B.');
}
