import { expect } from '@jest/globals';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { picked } from '../support/picked.mts';

/** One operation, the parameters that the user sets, and the results. */
export interface OperationCase {
	operation: string;
	parameters: INodeParameters;
	/** The Action and its own parameters, with the types that the service receives. */
	sent: IDataObject;
	/** The json of the output items. */
	json: IDataObject[];
}

/** Device D1 of product P, as the user names it. */
export const device = { productId: 'P', deviceName: picked('D1') };
/** The same, as the service names it. */
export const named = { ProductId: 'P', DeviceName: 'D1' };
/** The last members of the output item of one request. */
export const done = { RequestId: expect.any(String) as unknown as string, Attempts: 1 };
