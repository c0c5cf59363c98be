/// Every kernel, for the instruction set that the including file has switched on.
#include "vector.h"
#include "functions.h"
#include "elements.h"
#include "rows.h"
#include "linear.h"
#include "attention.h"
#include "table.h"
