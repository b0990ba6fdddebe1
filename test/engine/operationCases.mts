import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';

/** At least one case of each operation that makes a request of each item. */
export const operationCases = [...customerCases, ...deviceCases, ...deviceDataCases];
