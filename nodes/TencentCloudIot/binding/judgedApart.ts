import { TextFilter } from './textFilter';
import type { DeviceInfo } from '../service/devices';
import { commonFormOf } from './oddities';
import { productOf } from './productNames';

/** A customer whose rows were judged without the clean rows of other customers, and are clean, too (docs/architecture.md, *Clean rows*). */
interface JudgedCustomer {
	id: string;
	devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId' | 'CustomerDeviceNo'>>;
}

/**
 * The customers whose rows a Sync judges apart: without the clean rows of the other customers, which have not changed since the last run. The
 * result is the same as that of judging all rows together, unless another customer has one of the following in common with a customer judged
 * apart. Then all rows have to be judged together:
 *
 *     CustomerId, whatever its case    two customers may be one (oddities.ts)
 *     or its leading zeros
 *     DeviceId, whatever its case      a device of two customers is refused (customerDevices.ts), or they may have one lock (oddities.ts)
 *     ProductId in another case        one of the spellings is refused (customerDevices.ts)
 *     CustomerDeviceNo                 may be a copied row (oddities.ts)
 *
 * Ids that contain another one are found by `visitCompoundIds`, not here. A new rule by which rows of different customers depend on each other
 * has to be added here, or a Sync would send what the rule withholds.
 */
export class CustomersJudgedApart {
	readonly #idForms = new Set<string>();
	readonly #lowerCaseDeviceIds = new Set<string>();
	readonly #deviceNumbers = new Set<string>();
	/** Drops nearly all DeviceIds and device numbers that no customer judged apart has, before they are searched in the sets above. */
	readonly #textFilter = new TextFilter();
	/** By ProductId (with its slash) in lower case: how the customers judged apart spell that ProductId. */
	readonly #productSpellings = new Map<string, string>();
	/** Saves look-ups: the last ProductId that was looked up and that no customer judged apart spells in another case. */
	#lastHarmlessProduct = '';

	constructor(judgedCustomers: Iterable<JudgedCustomer>) {
		for (const { id, devices } of judgedCustomers) {
			this.#idForms.add(commonFormOf(id));
			for (const { DeviceId, CustomerDeviceNo } of devices) {
				const product = productOf(DeviceId);
				this.#productSpellings.set(product.toLowerCase(), product);
				const lowerCaseDeviceId = DeviceId.toLowerCase();
				this.#lowerCaseDeviceIds.add(lowerCaseDeviceId);
				this.#deviceNumbers.add(CustomerDeviceNo);
				this.#textFilter.add(lowerCaseDeviceId);
				this.#textFilter.add(CustomerDeviceNo);
			}
		}
	}

	/** Whether a customer judged apart has this id, whatever its case and leading zeros. @param id the id of another customer */
	hasIdLike(id: string): boolean {
		return this.#idForms.has(commonFormOf(id));
	}

	/**
	 * Whether a device of another customer has something in common with a device of a customer judged apart: the DeviceId, whatever its case,
	 * the CustomerDeviceNo, or the ProductId (the part of the DeviceId before the slash) in another case.
	 * @param deviceId the DeviceId of another customer's device
	 */
	overlaps(deviceId: string, deviceNumber: string): boolean {
		return (
			(this.#textFilter.mayBeWanted(deviceNumber) && this.#deviceNumbers.has(deviceNumber)) ||
			(this.#textFilter.mayBeWanted(deviceId) && this.#lowerCaseDeviceIds.has(deviceId.toLowerCase())) ||
			this.#hasProductSpelledDifferently(deviceId)
		);
	}

	/** Whether a customer judged apart spells the ProductId of `deviceId` in another case. */
	#hasProductSpelledDifferently(deviceId: string): boolean {
		// Most devices have the product of the device above them.
		if (this.#lastHarmlessProduct !== '' && deviceId.startsWith(this.#lastHarmlessProduct)) {
			return false;
		}
		const product = productOf(deviceId);
		const spelling = this.#productSpellings.get(product.toLowerCase());
		if (spelling !== undefined && spelling !== product) {
			return true;
		}
		this.#lastHarmlessProduct = product;
		return false;
	}
}
