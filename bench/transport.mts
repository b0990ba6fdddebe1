/** `npm run bench:transport`: the requests per second of the node against those of n8n's own HTTP helper. */
import { measureRequests } from './requests.mts';
import { printSection } from './report.mts';

printSection(await measureRequests());
