/* An empty program that a whole layer is linked into: what the layer may not see, it cannot need.
 */
int main(void)
{
    return 0;
}
