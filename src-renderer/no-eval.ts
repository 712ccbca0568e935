import { z } from 'zod';

// zod would compile its parsers by `new Function`, which the content security policy of the page refuses.
z.config({ jitless: true });
