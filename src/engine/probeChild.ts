// The probe process: runs programs and makes their data. Started by the runtime, never by a person.
import { sources } from './probe/data/sources';
import { serve } from './runtime/child';

void serve(sources);
